"""What this repository's own tests need of pytest. The plugin itself is loaded by its entry point."""

pytest_plugins = ["pytester"]
