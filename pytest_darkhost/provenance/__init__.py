"""
Where a run comes from: repository, CI run, operator, packages, vantage point. Says nothing of venues, and knows no pytest.
"""
