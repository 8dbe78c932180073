"""
Certificates of a test authority, trusted through the variable that people use.
"""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

AUTHORITY = trustme.CA()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no certificates of the machine that runs the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Return the authority that `SSL_CERT_FILE` names."""
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return AUTHORITY


@pytest.fixture
def serving() -> Callable[..., ssl.SSLContext]:
    """Return a maker of a server's TLS context: for these names, by this authority, with these protocols."""

    def make(*names: str, authority: trustme.CA = AUTHORITY, protocols: tuple[str, ...] = ()) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    return make
