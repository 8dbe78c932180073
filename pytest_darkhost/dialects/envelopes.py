"""
Error envelopes: what a venue says went wrong, in any of the shapes that venues use, becomes a `ProbeError`.

Which kind of error it is, `kinds` decides.
"""

from typing import Any

from pytest_darkhost.dialects import json_text
from pytest_darkhost.dialects.envelope import Envelope, envelope_of
from pytest_darkhost.dialects.kinds import kind_of_event, kind_of_status, matched_code, without_model, words
from pytest_darkhost.dialects.rate_limits import reset_s
from pytest_darkhost.dialects.response_headers import Headers, header, request_id, retry_after_s
from pytest_darkhost.dialects.venue_text import LONGEST, beginning, is_html, page_title
from pytest_darkhost.observations import ErrorKind, Phase, ProbeError
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.specs.models import VenueSpec

_TOO_MANY_REQUESTS = 429


def classify(spec: VenueSpec, status: int, headers: Headers, body: bytes, *, names_model: bool = True) -> ProbeError:
    """
    Return the error of a response whose status is not 2xx.

    The venue's own signs (`errors` in the spec) count first, then codes that mean one thing at all venues, then the
    status. A web page is never the venue's own refusal: with a 4xx it is `HTML`, but 429 and 5xx mean what they say
    whoever says it. The phase is `BODY`: the request was sent, and the answer was read.

    :param names_model: whether the request named a model, so that it can be unknown.
    """
    if is_html(header(headers, "content-type"), body):
        ours = 400 <= status <= 499 and status != _TOO_MANY_REQUESTS
        kind = ErrorKind.HTML if ours else kind_of_status(spec, status, None)
        return ProbeError(
            kind,
            f"status {status} with an HTML page, as proxies and CDNs send it, expected JSON",
            Phase.BODY,
            status,
            venue_message=page_title(body),
            request_id=request_id(headers, None),
            retry_after_s=_retry_after_s(status, headers, Envelope()),
        )
    envelope = _envelope(body)
    kind = kind_of_status(spec, status, envelope)
    kind = kind if names_model else without_model(kind, status)
    told = envelope or Envelope(message=beginning(body))
    return _error(kind, f"status {status}: {words(kind)}", status, headers, told, code=matched_code(spec, kind, told))


def in_success(headers: Headers, status: int, value: Any) -> ProbeError | None:
    """Return the error that a 2xx body reports instead of an answer; `None` where it reports none."""
    envelope = envelope_of(value)
    if envelope is None:
        return None
    text = f"status {status} with an error in the body, expected an answer"
    return _error(ErrorKind.ERROR_IN_200, text, status, headers, envelope)


def in_stream(spec: VenueSpec, headers: Headers, status: int, value: Any) -> ProbeError:
    """Return the error of an error event. Its kind is that of its code or inner status, else `ERROR_IN_200`."""
    envelope = envelope_of(value) or Envelope(message=_encoded(value))
    kind = kind_of_event(spec, envelope)
    text = f"status {status}, then an error event in the stream: {words(kind)}"
    return _error(kind, text, status, headers, envelope, code=matched_code(spec, kind, envelope))


def _envelope(body: bytes) -> Envelope | None:
    try:
        return envelope_of(json_text.decode(body, "body", []))
    except json_text.NotJsonError:
        return None


def _encoded(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    try:
        return json_text.encode(value) if value else None
    except json_text.NotJsonError:
        return None


def _error(
    kind: ErrorKind, text: str, status: int, headers: Headers, envelope: Envelope, *, code: str | None = None
) -> ProbeError:
    shown = one_line(code or envelope.code or "", LONGEST)
    return ProbeError(
        kind,
        text,
        Phase.BODY,
        status,
        venue_code=shown or None,
        venue_message=one_line(envelope.message or "", LONGEST) or None,
        request_id=request_id(headers, envelope.request_id),
        retry_after_s=_retry_after_s(status, headers, envelope),
    )


def _retry_after_s(status: int, headers: Headers, envelope: Envelope) -> float | None:
    """Return what the venue asks for, the plainest word first. A used-up limit refuses with 429 alone."""
    reset = reset_s(headers) if status == _TOO_MANY_REQUESTS else None
    told = (retry_after_s(headers), envelope.retry_delay_s, reset)
    return next((seconds for seconds in told if seconds is not None), None)
