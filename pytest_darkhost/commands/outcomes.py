"""
The exit codes of all sub-commands.
"""

FINE = 0
"""All is well."""
REFUSED = 1
"""Something is wrong with what was looked at or asked for."""
USAGE = 2
"""The command line cannot be used."""
