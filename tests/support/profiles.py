"""All venues that the stand-in can play, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from support.profile import Profile
from support.shapes import anthropic, deepinfra, fireworks, gemini, groq, mistral, novita, openai, together, xai

_ALL = (
    groq.PROFILE,
    deepinfra.PROFILE,
    together.PROFILE,
    fireworks.PROFILE,
    novita.PROFILE,
    anthropic.PROFILE,
    openai.PROFILE,
    gemini.PROFILE,
    mistral.PROFILE,
    xai.PROFILE,
    openai.PLAIN,
)
PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})
HOSTED = tuple(name for name in PROFILES if name != "openai-plain")
"""The ten hosted venues."""
