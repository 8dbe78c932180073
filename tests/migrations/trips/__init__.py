"""Round trips of histories that are written for one test."""
