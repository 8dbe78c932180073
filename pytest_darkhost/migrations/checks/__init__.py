"""What is concluded from a round trip: pure functions that know neither databases nor pytest."""
