"""Tests of the stand-in venue itself, by a client of the standard library."""
