"""Tests of the embedded venue, with a composed wheel beside them."""
