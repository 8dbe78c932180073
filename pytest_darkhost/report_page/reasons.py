"""
What the codes of `evidence.unfit` mean, for readers who have not the documentation at hand.
"""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "not_live": "no live check was planned, or none was run",
    "dirty": "the files were not as committed",
    "no_vcs": "no commit is known",
    "http": "a URL is not https",
    "loopback": "the venue is this machine",
    "reference_catalog": "URLs were compared with the package's own catalog, not with a database",
    "no_catalog": "URLs were compared with no catalog",
    "interrupted": "the run was interrupted",
    "truncated": "the report ends before the run did",
    "rerun": "a check was run more than once",
    "duplicate_ids": "two checks had one id",
    "replayed": "an answer came from a cassette",
    "mocked": "an answer came over no connection to the venue",
    "tls": "a connection was not encrypted, or its certificate not verified",
    "custom_ca": "the environment chose the certificates to trust",
    "private_address": "the peer's address is not public",
    "proxy": "what was seen is a proxy's connection",
    "stale_date": "the venue's clock, or the time of sending, does not fit the run",
    "foreign_id": "an answer was seen before, or is that of two calls",
    "impossible": "what the report says contradicts itself",
}


def meaning(code: str) -> str:
    """Return what a code means; the code itself where it is not known."""
    return MEANINGS.get(code, code)
