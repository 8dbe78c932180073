"""Stand-in venues, from the socket to the verdict."""
