"""From a request to a response: a pure function of what the stand-in venue plays."""

from dataclasses import replace
from typing import Any

from support.asked import Asked, Kind
from support.body_faults import edited, edited_events
from support.faults import Fault
from support.play import Play
from support.profile import Envelope, Profile
from support.profiles import PROFILES
from support.reply import Reply, json_reply, stream_reply
from support.reply_faults import REPLY_FAULTS, Scene, envelope_reply
from support.request import Request
from support.said import Said, say
from support.said_faults import SAID_FAULTS

_NO_ROUTE = Envelope(404, {"error": {"message": "Not Found", "type": "invalid_request_error", "code": None}})
_OTHER_DIALECT = {"openai": "anthropic", "anthropic": "openai-plain"}


def _shape(play: Play, fault: Fault | None) -> Profile:
    """Return the profile whose shape the answer has."""
    return PROFILES[_OTHER_DIALECT[play.profile.dialect]] if fault is Fault.WRONG_DIALECT else play.profile


def _said(play: Play, asked: Asked, number: int, fault: Fault | None) -> Said:
    profile = play.profile
    said = say(
        asked,
        number=number,
        echoed=profile.echo(asked.model),
        thinks=profile.thinks,
        prices=profile.prices,
        cached_tokens=profile.cached_tokens,
    )
    return SAID_FAULTS[fault](said) if fault and fault in SAID_FAULTS else said


def _model_list(play: Play, fault: Fault | None) -> Any:
    if fault is Fault.MODELS_WRONG_SHAPE:
        return {"count": len(play.models)}
    models = ("another/model-8b",) if fault is Fault.MODEL_NOT_LISTED else play.models
    return play.profile.model_list(models, play.profile.prices)


def _content(play: Play, asked: Asked, number: int, fault: Fault | None) -> Reply:
    """Return what the venue answers to a request that it accepts."""
    headers = play.profile.headers
    if asked.lists_models:
        return json_reply(200, _model_list(play, fault), headers)
    said, shape = _said(play, asked, number, fault), _shape(play, fault)
    if not asked.stream:
        return json_reply(200, edited(shape.chat(said), fault), headers)
    error = play.profile.error(529, "overloaded_error", "Overloaded")
    return stream_reply(edited_events(shape.stream(said), fault, error), headers, play.token_gap_ms)


def _refusal(play: Play, asked: Asked) -> Envelope | None:
    """Return the venue's error for a request that it does not accept."""
    profile = play.profile
    refused = (profile.refused_key_models if asked.lists_models else None) or profile.refused_key
    refusals = {
        Kind.REFUSED_KEY: refused,
        Kind.UNKNOWN_MODEL: profile.unknown_model,
        Kind.NO_ROUTE: profile.no_route or _NO_ROUTE,
    }
    return refusals.get(asked.kind)


def answer(play: Play, request: Request, asked: Asked, *, number: int, fault: Fault | None) -> Reply:
    """Return the response to a request, with the fault planted if there is one."""
    refusal = _refusal(play, asked)
    accepted = fault in {Fault.REFUSED_KEY_ACCEPTED, Fault.UNKNOWN_MODEL_ANSWERED}
    if refusal is not None and not accepted:
        reply = envelope_reply(refusal, play.profile.headers)
    else:
        reply = _content(play, asked, number, fault)
    reply = replace(reply, delay_ms=play.delay_ms)
    return REPLY_FAULTS[fault](reply, Scene(play, request)) if fault and fault in REPLY_FAULTS else reply
