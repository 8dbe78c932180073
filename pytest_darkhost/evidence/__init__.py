"""
The bundle: signed statements about reports, one a line, each holding the digest of the line before.

Neither pytest, an HTTP library nor a database is needed here: an auditor's machine has none of them. What is signed
and what is judged is computed from a report's bytes alone, so that the verifier comes to the same.
"""
