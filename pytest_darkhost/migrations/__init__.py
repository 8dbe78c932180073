"""Migrations: databases to run them in, what they change there, and what may be said about it."""
