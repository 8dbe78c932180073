"""Faults of the wire and of the status: each turns a healthy response into a faulty one."""

import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from types import MappingProxyType

from support.faults import Fault
from support.play import Play
from support.profile import Envelope
from support.reply import End, Framing, Part, Reply, json_reply, plain_reply
from support.request import Request

_PAGE = b"<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n"
_RETRY_S = 7
_DRIP_MS = 5.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault may look at."""

    play: Play
    request: Request

    def error(self, status: int, code: str, text: str) -> Reply:
        """Return an error in the venue's own envelope."""
        return json_reply(status, self.play.profile.error(status, code, text), self.play.profile.headers)

    def envelope(self, envelope: Envelope) -> Reply:
        """Return one of the venue's documented errors."""
        return envelope_reply(envelope, self.play.profile.headers)


ReplyFault = Callable[[Reply, Scene], Reply]


def envelope_reply(envelope: Envelope, headers: tuple[tuple[str, str], ...]) -> Reply:
    """Return the response that carries an error envelope."""
    if envelope.content_type == "application/json":
        return json_reply(envelope.status, envelope.body, headers)
    return plain_reply(envelope.status, envelope.content_type, str(envelope.body).encode(), headers)


def _page(status: int, title: str) -> Reply:
    text = title.encode()
    return plain_reply(status, "text/html; charset=utf-8", _PAGE % (text, text))


def _cut(reply: Reply, _: Scene) -> Reply:
    """Return the first half of the body; the last part that is sent is halved itself."""
    kept = reply.parts[: len(reply.parts) // 2 + 1]
    last = replace(kept[-1], data=kept[-1].data[: len(kept[-1].data) // 2])
    return replace(reply, parts=(*kept[:-1], last), length=len(reply.body), end=End.CUT)


def _truncated(reply: Reply, _: Scene) -> Reply:
    return replace(reply, parts=(Part(reply.body[: len(reply.body) // 2]),))


def _huge(reply: Reply, scene: Scene) -> Reply:
    blank = b" " * 65_536
    return replace(reply, parts=(*reply.parts, *(Part(blank) for _ in range(scene.play.size // len(blank) + 1))))


def _endless_body(reply: Reply, _: Scene) -> Reply:
    drip = Part(b": still here\n\n" if reply.framing is Framing.CHUNKED else b" ", _DRIP_MS)
    return replace(reply, parts=(drip,), framing=Framing.CHUNKED, end=End.DRIP)


def _endless_headers(reply: Reply, _: Scene) -> Reply:
    drip = Part(b"x-more: %s\r\n" % (b"y" * 1000) * 16)
    return replace(reply, raw=b"HTTP/1.1 200 OK\r\n", parts=(drip,), framing=Framing.CLOSE, end=End.DRIP)


def _raw(reply: Reply, sent: bytes, end: End) -> Reply:
    return replace(reply, raw=sent, parts=(), framing=Framing.CLOSE, end=end)


def _slow_tokens(reply: Reply, scene: Scene) -> Reply:
    return replace(reply, parts=tuple(replace(part, delay_ms=scene.play.ms / 10) for part in reply.parts))


def _delayed(reply: Reply, which: range, delay_ms: float) -> Reply:
    parts = (replace(part, delay_ms=delay_ms) if n in which else part for n, part in enumerate(reply.parts))
    return replace(reply, parts=tuple(parts))


def _stall(reply: Reply, scene: Scene) -> Reply:
    middle = len(reply.parts) // 2
    return _delayed(reply, range(middle, middle + 1), scene.play.ms)


def _late_terminator(reply: Reply, scene: Scene) -> Reply:
    count = len(reply.parts)
    return _delayed(reply, range(count - 2, count), scene.play.ms / 2)


def _gzip(reply: Reply, _: Scene) -> Reply:
    packer = zlib.compressobj(wbits=31)
    packed = [replace(p, data=packer.compress(p.data) + packer.flush(zlib.Z_SYNC_FLUSH)) for p in reply.parts]
    return replace(reply, parts=(*packed, Part(packer.flush()))).with_header("content-encoding", "gzip")


def _five_per_write(reply: Reply, _: Scene) -> Reply:
    groups = [reply.parts[start : start + 5] for start in range(0, len(reply.parts), 5)]
    parts = (Part(b"".join(p.data for p in group), sum(p.delay_ms for p in group)) for group in groups)
    return replace(reply, parts=tuple(parts))


def _one_byte(reply: Reply, _: Scene) -> Reply:
    parts = (
        Part(part.data[at : at + 1], 0 if at else part.delay_ms) for part in reply.parts for at in range(len(part.data))
    )
    return replace(reply, parts=tuple(parts), framing=Framing.CHUNKED)


def _crlf(reply: Reply, _: Scene) -> Reply:
    parts = [replace(part, data=b": note\r\n" + part.data.replace(b"\n", b"\r\n")) for part in reply.parts]
    return replace(reply, parts=(replace(parts[0], data=b"\xef\xbb\xbf" + parts[0].data), *parts[1:]))


def _limited(scene: Scene) -> Reply:
    return scene.envelope(scene.play.profile.rate_limited)


def _limited_until(scene: Scene) -> Reply:
    now = int(time.time())
    reply = _limited(scene).with_header("date", formatdate(now, usegmt=True))
    return reply.with_header("retry-after", formatdate(now + _RETRY_S, usegmt=True))


def _quota(_: Reply, scene: Scene) -> Reply:
    body = {"message": "The quota is used up (composed).", "type": "insufficient_quota", "code": "insufficient_quota"}
    return json_reply(429, {"error": body}, scene.play.profile.headers)


def _redirect(_: Reply, scene: Scene) -> Reply:
    location = f"{scene.play.redirect_to}{scene.request.path}"
    return plain_reply(308, "text/plain", b"moved\n", [("location", location)])


def _key_echoed(scene: Scene, shown: str) -> Reply:
    return scene.error(401, "invalid_api_key", f"Incorrect API key provided: {shown}.")


REPLY_FAULTS: Mapping[Fault, ReplyFault] = MappingProxyType(
    {
        Fault.NO_ANSWER: lambda reply, _: _raw(reply, b"", End.CUT),
        Fault.RESET_MID_HEADERS: lambda reply, _: _raw(reply, b"HTTP/1.1 200 OK\r\ncontent-ty", End.RESET),
        Fault.HANG: lambda reply, _: _raw(reply, b"", End.HANG),
        Fault.ENDLESS_HEADERS: _endless_headers,
        Fault.MALFORMED_HTTP: lambda reply, _: _raw(reply, b"220 mail.example ready\r\n\r\n", End.CUT),
        Fault.HTTP_1_0: lambda reply, _: replace(reply, http_version="1.0", framing=Framing.CLOSE),
        Fault.SLOW_HEADERS: lambda reply, scene: replace(reply, delay_ms=reply.delay_ms + scene.play.ms),
        Fault.SLOW_TOKENS: _slow_tokens,
        Fault.STALL: _stall,
        Fault.LATE_TERMINATOR: _late_terminator,
        Fault.CUT: _cut,
        Fault.EMPTY_BODY: lambda reply, _: replace(reply, parts=(), framing=Framing.LENGTH),
        Fault.HUGE_BODY: _huge,
        Fault.ENDLESS_BODY: _endless_body,
        Fault.HTML_200: lambda _, __: _page(200, "Welcome to the network"),
        Fault.HTML_502: lambda _, __: _page(502, "502 Bad Gateway"),
        Fault.NOT_JSON: lambda _, scene: plain_reply(200, "application/json", b"OK, here is: lighthouse"),
        Fault.TRUNCATED_JSON: _truncated,
        Fault.ERROR_IN_200: lambda _, scene: replace(scene.error(500, "internal_error", "It broke."), status=200),
        Fault.WRONG_CONTENT_TYPE: lambda reply, _: reply.with_header("content-type", "application/octet-stream"),
        Fault.GZIP: _gzip,
        Fault.FIVE_PER_WRITE: _five_per_write,
        Fault.ONE_BYTE_CHUNKS: _one_byte,
        Fault.CRLF_COMMENTS_BOM: _crlf,
        Fault.RATE_LIMITED: lambda _, scene: _limited(scene).with_header("retry-after", str(_RETRY_S)),
        Fault.RATE_LIMITED_DATE: lambda _, scene: _limited_until(scene),
        Fault.NO_CREDIT: lambda _, scene: scene.envelope(scene.play.profile.exhausted_credit),
        Fault.INSUFFICIENT_QUOTA: _quota,
        Fault.FORBIDDEN: lambda _, scene: scene.error(403, "forbidden", "Not from this region (composed)."),
        Fault.SERVER_ERROR: lambda _, scene: scene.error(500, "internal_error", "It broke (composed)."),
        Fault.UNAVAILABLE: lambda _, scene: scene.error(503, "unavailable", "Back soon (composed)."),
        Fault.OVERLOADED: lambda _, scene: scene.error(529, "overloaded_error", "Overloaded"),
        Fault.NO_ROUTE_TEXT: lambda _, __: plain_reply(404, "text/plain", b"404 page not found\n"),
        Fault.NO_ROUTE_HTML: lambda _, __: _page(404, "Not Found"),
        Fault.REDIRECT: _redirect,
        Fault.KEY_ECHOED: lambda _, scene: _key_echoed(scene, scene.request.key),
        Fault.KEY_ECHOED_MASKED: lambda _, scene: _key_echoed(
            scene,
            f"{scene.request.key[:8]}{'*' * 20}{scene.request.key[-4:]}",
        ),
    },
)
