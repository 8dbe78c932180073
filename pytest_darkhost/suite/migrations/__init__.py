"""pytest's side of migrations: options, collectors, items, and what is printed."""
