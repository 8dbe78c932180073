"""
What distinguishes two resolved URLs, in words. Whether they are the same is `specs.resolution`'s matter.
"""

from urllib.parse import SplitResult, urlsplit

_PORT = "{port}"
_STAND_IN = "65535"


def _split(url: str) -> SplitResult:
    return urlsplit(url.replace(_PORT, _STAND_IN))


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def ends_in_appended(base: str, path: str) -> str | None:
    """Return `base_url already ends in /v1` where the adapter's path would double that segment."""
    last, first = _segments(_split(base).path)[-1:], _segments(path)[:1]
    return f"base_url already ends in /{last[0]}" if last and last == first else None


def _doubled(url: str, path: str) -> str | None:
    """Return which segment a resolved URL holds before the adapter appends it again."""
    if not url.endswith(path):
        return None
    base = url.removesuffix(path)
    ends = ends_in_appended(base, path)
    first = _segments(path)[:1]
    holds = first and first[0] in _segments(_split(base).path)
    return ends or (f"base_url already holds /{first[0]}" if holds else None)


def _part_differences(url: str, other: str) -> list[str]:
    mine, theirs = _split(url), _split(other)
    pairs = {
        "scheme": (mine.scheme, theirs.scheme),
        "host": (mine.hostname, theirs.hostname),
        "port": (mine.port, theirs.port),
        "path": (mine.path, theirs.path),
        "query": (mine.query, theirs.query),
    }
    return [f"{name} differs" for name, (first, second) in pairs.items() if first != second]


def difference(url: str, spec_url: str, path: str) -> str:
    """Return why a resolved URL is not the spec's: a doubled segment if that is it, else the parts that differ."""
    parts = _part_differences(url, spec_url)
    doubled = _doubled(url, path)
    if doubled and "path differs" in parts and not _doubled(spec_url, path):
        parts[parts.index("path differs")] = doubled
    return ", ".join(parts) or "written differently"
