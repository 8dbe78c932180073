"""The catalog: rows as values (`rows`), reading them (`reader`), the reference catalog (`reference`)."""
