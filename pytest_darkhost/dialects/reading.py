"""
An exchange becomes an observation: which of the readers reads its body, and what is said of one that none can read.

Pure, and never raises for what a venue sends. Costs are filled in by the broker.
"""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from pytest_darkhost.dialects import anthropic, assembly, envelopes, model_list, openai, sse
from pytest_darkhost.dialects.faults import condensed, note
from pytest_darkhost.dialects.json_text import NotJsonError
from pytest_darkhost.dialects.nodes import Node, parse
from pytest_darkhost.dialects.pieces import Piece
from pytest_darkhost.dialects.response_headers import request_id
from pytest_darkhost.dialects.steps import finished
from pytest_darkhost.dialects.timing import timeline
from pytest_darkhost.dialects.venue_text import beginning, is_html, page_title
from pytest_darkhost.observations import ErrorKind, Exchange, Observation, Phase, ProbeError, StreamEnd
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.probes import Probe
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.models import VenueSpec

_FORMATS = {Dialect.OPENAI: openai.FORMAT, Dialect.ANTHROPIC: anthropic.FORMAT}
_STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")
_OTHER_STARTS = (b"{", b"[", b"<")
_EVENTS_A_STEP = 16


def read(spec: VenueSpec, probe: Probe, exchange: Exchange) -> Observation:
    """
    Return what a probe saw: its answer, usage, faults and times, or the error that stood in their place.

    An error of the transport stays, and what arrived of a stream before it is read. Only an error event outdoes it,
    because a venue that reports an error seldom ends the connection well. A stream that was answered with a whole JSON
    body is `EMPTY` of events; the body is read and its form is a fault.
    """
    return finished(steps(spec, probe, exchange))


def steps(spec: VenueSpec, probe: Probe, exchange: Exchange) -> Generator[None, None, Observation]:
    """Do what `read` does, with a pause after every few events of a stream: somebody else may have no time to lose."""
    observation = Observation(probe=probe, exchange=exchange, error=exchange.error)
    status = exchange.status
    if status is None:
        return replace(observation, timeline=timeline(exchange.marks, ()))
    success, streamed = 200 <= status <= 299, probe.request is not None and probe.request.stream
    if success and streamed:
        observation = yield from _stream(spec, observation, exchange)
    elif exchange.error is None:
        observation = _whole(spec, observation, exchange) if success else _failed(spec, observation, exchange)
    return replace(observation, timeline=timeline(exchange.marks, observation.deltas))


def _failed(spec: VenueSpec, observation: Observation, exchange: Exchange) -> Observation:
    names_model = observation.probe.request is not None
    error = envelopes.classify(spec, exchange.status or 0, exchange.headers, exchange.body, names_model=names_model)
    return replace(observation, error=error)


def _stream(spec: VenueSpec, observation: Observation, exchange: Exchange) -> Generator[None, None, Observation]:
    stream = sse.read(exchange.chunks)
    yield
    if not stream.events and exchange.error is None and not _is_event_stream(exchange):
        whole = _whole(spec, observation, exchange)
        fault = "body: no event stream, expected server-sent events"
        return replace(whole, stream_end=StreamEnd.EMPTY, faults=(fault, *whole.faults))
    faults: list[str] = []
    if stream.events:
        _judge_content_type(exchange, "text/event-stream", faults)
    pieces: list[Piece] = []
    for piece in _FORMATS[spec.dialect].pieces(stream.events, faults):
        pieces.append(piece)
        if len(pieces) % _EVENTS_A_STEP == 0:
            yield
    reading = assembly.stream(pieces, unfinished=stream.unfinished)
    return replace(
        observation,
        error=_stream_error(spec, exchange, reading, too_many=stream.too_many),
        answer=reading.answer,
        usage=reading.usages[-1] if reading.usages else None,
        usages=reading.usages,
        stream_end=reading.end,
        deltas=reading.deltas,
        faults=condensed(faults),
    )


def _is_event_stream(exchange: Exchange) -> bool:
    """Return whether a body without events is still a stream: an empty or cut one. Its text counts before its type."""
    body = exchange.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not body or body.startswith(_STREAM_STARTS):
        return True
    return "event-stream" in (exchange.header("content-type") or "") and not body.startswith(_OTHER_STARTS)


def _stream_error(
    spec: VenueSpec, exchange: Exchange, reading: assembly.StreamReading, *, too_many: bool
) -> ProbeError | None:
    if reading.end is StreamEnd.ERROR_EVENT:
        return envelopes.in_stream(spec, exchange.headers, exchange.status or 0, reading.failure)
    if exchange.error is None and too_many:
        text = f"more than {sse.MOST_EVENTS} events or blank lines, expected at most {sse.MOST_EVENTS}"
        return _unreadable(ErrorKind.TOO_LARGE, exchange, text)
    if exchange.error is not None or reading.problem is None:
        return exchange.error
    what = "events that are not JSON" if reading.problem is ErrorKind.NOT_JSON else "events of no known shape"
    return _unreadable(reading.problem, exchange, f"{what}, expected the stream of {_FORMATS[spec.dialect].title}")


def _whole(spec: VenueSpec, observation: Observation, exchange: Exchange) -> Observation:
    """Return the observation of a 2xx body that is not a stream."""
    faults: list[str] = []
    if is_html(exchange.header("content-type"), exchange.body):
        text = "an HTML page, as proxies and CDNs send it, expected JSON"
        page = replace(_unreadable(ErrorKind.HTML, exchange, text), venue_message=page_title(exchange.body))
        return replace(observation, error=page)
    try:
        root = parse(exchange.body, "body", faults)
    except NotJsonError as error:
        return replace(observation, error=_unreadable(ErrorKind.NOT_JSON, exchange, f"{error}, expected JSON"))
    _judge_content_type(exchange, "json", faults)
    found = _models(observation, root) if observation.probe.request is None else _chat(spec, observation, root)
    if found is None:
        return replace(observation, error=_no_answer(spec, observation.probe, exchange, root.value))
    return replace(found, faults=condensed(faults))


def _models(observation: Observation, root: Node) -> Observation | None:
    """Return the observation of a list of models; `None` where the body is none, or reports an error as well."""
    first = root.element(0) if isinstance(root.value, list) and root.value else root
    listed = None if first.member("error").value else model_list.names(root)
    return None if listed is None else replace(observation, listed_models=listed)


def _chat(spec: VenueSpec, observation: Observation, root: Node) -> Observation | None:
    """Return the observation of an answer; `None` where the body is none, or reports an error as well."""
    form = _FORMATS[spec.dialect]
    if not form.speaks(root.value) or root.member("error").value:
        return None
    piece = form.message(root)
    usages = () if piece.usage is None else (piece.usage,)
    return replace(observation, answer=assembly.answer([piece]), usage=piece.usage, usages=usages)


def _no_answer(spec: VenueSpec, probe: Probe, exchange: Exchange, value: Any) -> ProbeError:
    """Return the error of a JSON body that is no answer: one that the venue reports, or another dialect."""
    reported = envelopes.in_success(exchange.headers, exchange.status or 0, value)
    if reported is not None:
        return reported
    expected = "a list of models" if probe.request is None else _FORMATS[spec.dialect].title
    other = next((form.title for form in _FORMATS.values() if form.speaks(value)), "JSON of no known shape")
    return _unreadable(ErrorKind.WRONG_DIALECT, exchange, f"{other}, expected {expected}")


def _unreadable(kind: ErrorKind, exchange: Exchange, text: str) -> ProbeError:
    """Return the error of a 2xx body that cannot be read."""
    return ProbeError(
        kind,
        f"status {exchange.status} with {text}",
        Phase.PARSE,
        exchange.status,
        venue_message=beginning(exchange.body),
        request_id=request_id(exchange.headers, None),
    )


def _judge_content_type(exchange: Exchange, expected: str, faults: list[str]) -> None:
    """Note a content type that client libraries would not read as what the body is."""
    given = exchange.header("content-type")
    if expected not in (given or "").lower().partition(";")[0]:
        what = "missing" if given is None else repr(one_line(given, 60))
        note(faults, f"content-type: {what}, expected {expected}")
