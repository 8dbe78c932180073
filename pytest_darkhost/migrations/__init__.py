"""
Migrations: databases to run them in, what revisions change there, and what may be said about it.

Nothing here knows pytest.
"""
