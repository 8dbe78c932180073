"""
Versions of the distributions that a verdict rests on.
"""

from importlib.metadata import PackageNotFoundError, version

NAMES = (
    "pytest-darkhost",
    "pytest",
    "pytest-asyncio",
    "pytest-json-report",
    "httpx",
    "httpcore",
    "httpx2",
    "httpcore2",
    "h2",
    "certifi",
    "anthropic",
    "openai",
    "vcrpy",
    "SQLAlchemy",
    "alembic",
    "pydantic",
)


def package_versions() -> dict[str, str]:
    """Return the versions of those of `NAMES` that are installed."""
    return {name: found for name in NAMES if (found := _version(name))}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
