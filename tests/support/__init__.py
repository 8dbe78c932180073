"""Helpers that several test packages share: the loopback stand-in venue, its faults, and specs that point at it."""
