"""
`darkhost init`: what a repository needs for its first run.
"""
