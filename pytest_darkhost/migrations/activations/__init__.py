"""
Writes the Alembic revision that lights one model, for a human to review. Nothing is applied, no catalog is written to.
"""
