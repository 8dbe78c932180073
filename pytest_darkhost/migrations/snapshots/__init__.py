"""Snapshots: schema objects and rows of a database at one moment, per kind of database."""
