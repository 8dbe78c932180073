"""
The environment variables of the package's own. What holds a venue's key is named by its spec.
"""

from typing import Final

CATALOG_URL: Final = "DARKHOST_CATALOG_URL"
"""The database with `providers` and `models`, as `--darkhost-catalog`; goes before the ini value."""
OPERATOR: Final = "DARKHOST_OPERATOR"
"""Who answers for a run; without it, whom the CI service names, else the user of the process."""
KEY_PASSPHRASE: Final = "DARKHOST_KEY_PASSPHRASE"  # noqa: S105 - the name of the variable
"""The passphrase of the private key that signs evidence."""
NEW_KEY_PASSPHRASE: Final = "DARKHOST_NEW_KEY_PASSPHRASE"  # noqa: S105 - the name of the variable
"""The passphrase of the key that `darkhost key rotate` changes to; without it, that of the old one."""
CACHE_DIR: Final = "DARKHOST_CACHE_DIR"
"""Where the local model's file is kept; without it, the user's cache directory."""
SERVE_KEY: Final = "DARKHOST_SERVE_KEY"
"""The key that the local model's server asks for: set by the plugin for the process that it starts, by nobody else."""
