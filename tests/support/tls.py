"""Certificates for stand-in venues: one that a client can trust, and three that it must not."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A server's certificate and key, and the authority that a client may be told to trust."""

    certificate: Path
    """PEM, certificate chain and private key."""
    authority: Path
    """PEM."""

    def context(self, *, h2: bool = False) -> ssl.SSLContext:
        """Return the server's context; with `h2` it offers HTTP/2 and HTTP/1.1."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        if h2:
            context.set_alpn_protocols(["h2", "http/1.1"])
        return context


def _issue(directory: Path, name: str, hosts: tuple[str, ...], not_after: datetime | None = None) -> TlsFiles:
    authority = trustme.CA()
    issued = authority.issue_cert(*hosts, not_after=not_after) if not_after else authority.issue_cert(*hosts)
    files = TlsFiles(directory / f"{name}.pem", directory / f"{name}-ca.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(files.certificate)
    authority.cert_pem.write_to_path(files.authority)
    return files


def good(directory: Path) -> TlsFiles:
    """Return a certificate for loopback. Trusted by whoever trusts `authority`, by nobody else."""
    return _issue(directory, "good", _HOSTS)


def wrong_host(directory: Path) -> TlsFiles:
    """Return a certificate of the authority for another host."""
    return _issue(directory, "wrong-host", ("elsewhere.example",))


def expired(directory: Path) -> TlsFiles:
    """Return a certificate for loopback that ran out yesterday."""
    return _issue(directory, "expired", _HOSTS, datetime.now(UTC) - timedelta(days=1))


def self_signed(directory: Path) -> TlsFiles:
    """Return a certificate of an authority that the client's `authority` file does not hold."""
    files, other = _issue(directory, "self-signed", _HOSTS), _issue(directory, "other", _HOSTS)
    return TlsFiles(files.certificate, other.authority)
