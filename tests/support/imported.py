"""
Imports the whole package, and what it imports late, so that it stays imported.

pytester forgets what a run inside this process imports: without this each run would import much of it anew, extension
modules would not survive that, and each import of `transport.sealing` would leave one more audit hook to the process.
What a run imports, and when, is tested in processes of their own.
"""

import pkgutil
from importlib import import_module

import certifi  # noqa: F401
import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401
import httpx2  # noqa: F401
import orjson  # noqa: F401
import rich._emoji_codes  # noqa: F401
import securesystemslib.dsse
import securesystemslib.signer  # noqa: F401

import pytest_darkhost

for _module in pkgutil.walk_packages(pytest_darkhost.__path__, "pytest_darkhost."):
    if not _module.name.endswith("__main__"):
        import_module(_module.name)
