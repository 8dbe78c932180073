"""
`darkhost activate`: the runbook's gates, looked at in order, and the revision that lights a model behind the last.
"""
