"""The checks: pure functions from a case to a verdict. `registry.STANDARD` is the contract."""
