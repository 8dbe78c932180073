"""The projects here are copied and run by tests; they are not tests of this repository."""

collect_ignore_glob = ["*"]
