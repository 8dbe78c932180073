"""Composed keys in the shape of each venue's: random, of nobody, and put together here so that no file holds one."""

import random
import string

_WORDS = string.ascii_letters + string.digits
_VENUES = {
    "anthropic": ("sk-ant-api03-", _WORDS + "-_", 93, "AA"),
    "deepinfra": ("", _WORDS, 32, ""),
    "fireworks": ("fw_", _WORDS, 24, ""),
    "gemini": ("AIza", _WORDS + "-_", 35, ""),
    "groq": ("gsk_", _WORDS, 52, ""),
    "mistral": ("", _WORDS, 32, ""),
    "novita": ("sk_", _WORDS + "-_", 43, ""),
    "openai": ("sk-proj-", _WORDS + "-_", 74, "T3BlbkFJ" + "abcDEF123" * 6),
    "together": ("tgp_v1_", _WORDS + "-_", 43, ""),
    "xai": ("xai-", _WORDS, 80, ""),
}
VENUES = tuple(_VENUES)
BARE = frozenset({"deepinfra", "mistral"})
"""Venues whose keys have no prefix."""


def composed_key(venue: str, seed: int = 7) -> str:
    """Return a key of a venue's shape; the same one for the same seed."""
    prefix, letters, length, suffix = _VENUES[venue]
    drawn = random.Random(f"{venue}{seed}").choices(letters, k=length - 2)
    return f"{prefix}{''.join(drawn)}7q{suffix}"
