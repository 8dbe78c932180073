"""
What keys look like: for those that nobody told us of. Known keys are removed by value (`secrets`), which comes first.

Lengths are lower bounds: venues document none. Keys of DeepInfra and Mistral are bare letters and digits, which only
the words in front of them tell from anything else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BARE = r"(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,}"


@dataclass(frozen=True, slots=True)
class KeyShape:
    """One kind of key."""

    venue: str
    sign: str
    """A text that each such key has, in lower case. To look for it is faster than to match."""
    text: str
    """A regular expression. The group `key` is the key; without one, all of it is."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The same compiled, where it is first looked for: few sessions look for any. `re` keeps it."""
        return re.compile(self.text, re.ASCII)


def _prefixed(venue: str, prefix: str, rest: str) -> KeyShape:
    """Return the shape of keys with a prefix, which stands first in the pattern: literals are found fastest."""
    text = rf"{re.escape(prefix)}(?<![A-Za-z0-9]{re.escape(prefix)}){rest}"
    return KeyShape(venue, prefix.lower(), text)


SHAPES = (
    _prefixed("anthropic", "sk-ant-", r"[\w-]{20,}"),
    _prefixed("cerebras", "csk-", r"[a-z0-9]{20,}"),
    _prefixed("deepseek", "sk-", r"[a-f0-9]{32}(?![\w-])"),
    _prefixed("fireworks", "fw_", r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}"),
    _prefixed("gemini", "AIza", r"[\w-]{35}"),
    _prefixed("groq", "gsk_", r"[A-Za-z0-9]{20,}"),
    _prefixed("huggingface", "hf_", r"[A-Za-z]{34}"),
    _prefixed("novita", "sk_", r"(?=[\w-]*\d)[\w-]{30,}"),
    _prefixed("nvidia", "nvapi-", r"[\w-]{20,}"),
    _prefixed("openai", "sk-", r"(?:proj|svcacct|admin)-[\w-]{20,}"),
    _prefixed("openai", "sk-", r"[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    _prefixed("openrouter", "sk-or-v1-", r"[a-f0-9]{20,}"),
    _prefixed("perplexity", "pplx-", r"[A-Za-z0-9]{40,}"),
    _prefixed("replicate", "r8_", r"[A-Za-z0-9]{30,}"),
    _prefixed("together", "tgp_v1_", r"[\w-]{20,}"),
    _prefixed("xai", "xai-", r"[A-Za-z0-9]{40,}"),
    KeyShape("any", "bearer", rf"(?i:bearer)\s+(?P<key>{_BARE})"),
    *(
        KeyShape("any", word, rf"(?i:{word})[\"'\\]{{0,3}}\s*[:=]\s*[\"'\\]{{0,3}}(?P<key>{_BARE})")
        for word in ("api-key", "api_key", "apikey", "authorization", "_token")
    ),
)


def found_in(text: str) -> bool:
    """Return whether anything in a text looks like a key."""
    return any(shape.pattern.search(text) for shape in _possible(text))


def without_keys(text: str, instead: str) -> str:
    """Return a text with another one in the place of whatever looks like a key."""
    for shape in _possible(text):
        text = shape.pattern.sub(lambda match: _replaced(match, instead), text)
    return text


def _possible(text: str) -> Iterator[KeyShape]:
    lowered = text.lower()
    return (shape for shape in SHAPES if shape.sign in lowered)


def _replaced(match: re.Match[str], instead: str) -> str:
    key = match.groupdict().get("key") or match[0]
    return f"{match[0].removesuffix(key)}{instead}"
