"""Production-shaped rows for the database of a round trip: from a file, or copied from another database."""
