"""
Takes the content encoding off a body while it arrives. We ask for none, but some venues compress anyway.
"""

import zlib
from typing import Protocol


class DecodingError(Exception):
    """The body is not what its header says. The text is for the reader."""


class Decoder(Protocol):
    """Decodes one body, piece by piece."""

    def decode(self, data: bytes, limit: int) -> bytes:
        """Return at most `limit` + 1 bytes: the one too many tells that there is more."""

    def finish(self) -> None:
        """
        Do nothing when the body is whole.

        :raises EOFError: when its compressed data ends early.
        """


class Identity:
    """A body as it is."""

    def decode(self, data: bytes, limit: int) -> bytes:
        """Return the bytes up to the limit and one."""
        return data[: limit + 1]

    def finish(self) -> None:
        """Do nothing: the transfer alone knows whether the body is whole."""


class Inflate:
    """gzip, also of several members (RFC 1952, 2.2), and deflate with or without its wrapper (RFC 9110, 8.4.1.2)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._engine = zlib.decompressobj(31 if name == "gzip" else 15)
        self._begun = False

    def decode(self, data: bytes, limit: int) -> bytes:
        """
        Return what the piece decodes to, without ever making more than the limit and one.

        :raises DecodingError: when the data is corrupt.
        """
        out = bytearray()
        try:
            while data and len(out) <= limit:
                if self._engine.eof:
                    self._engine = zlib.decompressobj(31 if self._name == "gzip" else 15)
                out += self._inflate(data, limit + 1 - len(out))
                data = self._engine.unused_data or self._engine.unconsumed_tail
        except zlib.error:
            msg = f"the body is not valid {self._name}, expected what its content-encoding says"
            raise DecodingError(msg) from None
        return bytes(out)

    def finish(self) -> None:
        """
        Do nothing when the last member is whole, or nothing came at all.

        :raises EOFError: when the data ends early.
        """
        if self._begun and not self._engine.eof:
            raise EOFError

    def _inflate(self, data: bytes, limit: int) -> bytes:
        try:
            return self._engine.decompress(data, limit)
        except zlib.error:
            if self._begun or self._name == "gzip":
                raise
            # Some servers send deflate without the zlib wrapper that the standard asks for.
            self._engine = zlib.decompressobj(-15)
            return self._engine.decompress(data, limit)
        finally:
            self._begun = True


def decoder_for(encoding: str | None) -> Decoder:
    """
    Return the decoder for a `content-encoding`.

    :raises DecodingError: for an encoding that we do not read; none was asked for.
    """
    name = (encoding or "identity").strip().lower()
    if name in {"identity", ""}:
        return Identity()
    if name in {"gzip", "x-gzip", "deflate"}:
        return Inflate(name.removeprefix("x-"))
    msg = f"the body has the content-encoding {name[:40]!r}, expected none, as asked for, or gzip or deflate"
    raise DecodingError(msg)
