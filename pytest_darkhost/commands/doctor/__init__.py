"""
`darkhost doctor`: what a repository has for its runs, what it lacks, and what to do. Sends nothing to a venue.
"""
