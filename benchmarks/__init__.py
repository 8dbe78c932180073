"""Benchmarks of the plugin: ratios to a yardstick that is measured in the same run. Not tests: nothing fails here."""
