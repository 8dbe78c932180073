"""Runs a plan: the broker and its event loop, the ledger of the spending cap, managed venues. Knows no pytest."""
