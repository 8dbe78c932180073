"""
Where a run comes from: repository, CI run, operator, packages, vantage point. Knows no venue and no pytest.
"""
