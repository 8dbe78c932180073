"""What Alembic revisions do to a database: round trips, declarations, activations. Nothing here knows pytest."""
