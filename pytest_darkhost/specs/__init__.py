"""Venue specs: what a YAML file may say (`models`), reading it (`loader`), its JSON Schema (`schema`)."""
