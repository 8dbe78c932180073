"""
The exit codes of all sub-commands.
"""

FINE, REFUSED, USAGE = 0, 1, 2
"""All is well; something is wrong with what was looked at or asked for; the command line cannot be used."""
