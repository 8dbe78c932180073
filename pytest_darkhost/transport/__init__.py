"""The wire: sends a request and returns what was seen of it. The only package that opens sockets to venues."""
