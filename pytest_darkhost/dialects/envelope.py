"""
The inside of an error body: codes, words and request id, wherever a venue puts them. Decides no kind (`kinds`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_darkhost.dialects.rate_limits import duration_s

_CODE_KEYS = ("code", "reason", "status", "type", "error_code", "error_type", "title")
"""The fifth is Databricks's, the sixth that of Text Generation Inference, the last that of RFC 9457, 3.1."""
_DETAILS_READ = 5


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an error body says."""

    message: str | None = None
    codes: tuple[str, ...] = ()
    """In the order of `_CODE_KEYS`, numbers as text; then the reasons of Google's details."""
    numeric: tuple[str, ...] = ()
    """Those of the codes that came as numbers."""
    param: str | None = None
    request_id: str | None = None
    status: int | None = None
    """An HTTP status that the body repeats, such as Groq's `status_code`."""
    retry_delay_s: float | None = None
    """Of Google's `RetryInfo` (google/rpc/error_details.proto)."""

    @property
    def code(self) -> str | None:
        """The venue's own code, type or reason; a number only where there is nothing else."""
        return next((code for code in (*(c for c in self.codes if c not in self.numeric), *self.codes)), None)


def envelope_of(value: Any) -> Envelope | None:
    """
    Return what an error body says; `None` for a body that is no error.

    Shapes: an object or a string under `error`, a list of them there or under `errors` (Cloudflare), `detail` in three
    forms, the error itself at the top with a `message`, and Google's list around any of them.
    """
    if isinstance(value, list):
        value = value[0] if value and isinstance(value[0], dict) else None
    if not isinstance(value, dict):
        return None
    if found := _of_error(value.get("error"), value):
        return found
    if value.get("detail"):
        return _of_detail(value["detail"], value)
    if isinstance(value.get("message"), str) or "error" in (value.get("object"), value.get("type")):
        return _of(value, value)
    return _of_error(value.get("errors"), value) or (_of(value, value) if value.get("error") else None)


def _of_error(error: Any, whole: dict[str, Any]) -> Envelope | None:
    """Return the envelope of an object, of a text, or of the first in a list of them; `None` for anything else."""
    first = error[0] if isinstance(error, list) and error else error
    if isinstance(first, dict) and first:
        return _of(first, whole)
    return _of(whole, whole, first) if isinstance(first, str) and first else None


def _of_detail(detail: Any, whole: dict[str, Any]) -> Envelope:
    """Return the envelope of FastAPI's `detail`: text, an object with `error` or `message`, or a list of mistakes."""
    if isinstance(detail, list):
        return _of({}, whole, "; ".join(_mistake(item) for item in detail[:_DETAILS_READ]))
    if not isinstance(detail, dict):
        return _of(whole, whole, str(detail) if isinstance(detail, (str, int)) else "")
    inner = detail.get("error")
    if isinstance(inner, dict):
        return _of(inner, whole)
    return _of(detail, whole, inner if isinstance(inner, str) else None)


def _mistake(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item) if isinstance(item, str) else "?"
    place = item.get("loc")
    path = ".".join(str(part) for part in place if isinstance(part, (str, int))) if isinstance(place, list) else "?"
    return f"{path}: {item.get('msg')}" if isinstance(item.get("msg"), str) else path


def _of(error: dict[str, Any], whole: dict[str, Any], message: str | None = None) -> Envelope:
    codes = tuple(_codes(error))
    said = message if message is not None else _text(error.get("message"))
    return Envelope(
        message=said,
        codes=tuple(code for code, _ in codes),
        numeric=tuple(code for code, number in codes if number),
        param=_text(error.get("param")),
        request_id=_text(whole.get("request_id")) or _text(error.get("request_id")) or _text(whole.get("id")),
        retry_delay_s=next(_delays_s(error), None),
        status=next((s for key in ("status_code", "code", "status") if (s := _status(error.get(key)))), None),
    )


def _codes(error: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield each code, and whether it came as a number."""
    for key in _CODE_KEYS:
        value = error.get(key)
        # RFC 9457, 4.2.1: a type that says no more than the status.
        if isinstance(value, str) and value not in ("", "about:blank"):
            yield value, False
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
            yield str(value), True
    for detail in _details(error):
        if isinstance(detail.get("reason"), str):
            yield detail["reason"], False


def _delays_s(error: dict[str, Any]) -> Iterator[float]:
    for detail in _details(error):
        text = detail.get("retryDelay")
        seconds = duration_s(text) if isinstance(text, str) else None
        if seconds is not None:
            yield seconds


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    details = error.get("details")
    return [each for each in details[:_DETAILS_READ] if isinstance(each, dict)] if isinstance(details, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _status(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599 else None
