"""
`darkhost new venue`: a spec of a hosted venue, with models and prices looked up, for a human to review.
"""
