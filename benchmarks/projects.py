"""Projects to run pytest in: with composed venue specs, with plain tests. Their venues do not exist."""

from pathlib import Path
from typing import Any

import yaml

from pytest_darkhost.checks.case import Scope
from pytest_darkhost.checks.registry import STANDARD
from support.spec_factory import KEY_ENV

INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
darkhost_catalog = none
darkhost_accept_not_judged = client_busy too_close
markers = live
"""


def items_of(scope: Scope, source: str = "") -> int:
    """Return how many items one venue, or one target, is collected as; of one source, where one is named."""
    sources = (each for check in STANDARD if check.scope is scope for each in check.item_sources)
    return sum(1 for each in sources if source in {"", each})


def models_for(items: int, files: int) -> int:
    """Return how many models each of the files must have to make about so many items."""
    return max(1, round((items / files - items_of(Scope.VENUE)) / items_of(Scope.TARGET)))


def write_specs(directory: Path, *, files: int, models: int, source: str = "") -> int:
    """Write a project of spec files; return how many items, of one source or of all, it is collected as."""
    specs = directory / "venue_specs"
    specs.mkdir(parents=True)
    (directory / "pytest.ini").write_text(INI, encoding="utf-8")
    for number in range(files):
        venue = venue_mapping(f"venue-{number}", models)
        (specs / f"venue-{number}.yaml").write_text(yaml.safe_dump(venue, sort_keys=False), encoding="utf-8")
    return files * (items_of(Scope.VENUE, source) + models * items_of(Scope.TARGET, source))


def write_plain(directory: Path, items: int) -> None:
    """Write a project of one test with so many parameters."""
    directory.mkdir(parents=True)
    (directory / "pytest.ini").write_text(INI, encoding="utf-8")
    test = (
        "import pytest\n\n\n"
        "@pytest.mark.live\n"
        f"@pytest.mark.parametrize('number', range({items}))\n"
        "def test_number(number):\n    pass\n"
    )
    (directory / "test_plain.py").write_text(test, encoding="utf-8")


def venue_mapping(name: str, models: int) -> dict[str, Any]:
    """Return a composed venue spec of so many models as plain data."""
    return {
        "venue": name,
        "dialect": "openai",
        "base_url": f"https://{name}.example",
        "credential_env": [KEY_ENV],
        "max_cost_usd": "1",
        "errors": {"refused_key": {"status": [401]}, "unknown_model": {"status": [404]}},
        "models": [_model(f"composed-{number:04d}", name) for number in range(models)],
    }


def _model(name: str, venue: str) -> dict[str, Any]:
    price = {"in_per_mtok_usd": "1", "out_per_mtok_usd": "2", "source": "composed", "as_of": "2026-01-01"}
    return {
        "slug": f"{name}-{venue}",
        "upstream_model": f"composed/{name}",
        "brand": "composed",
        "price": price,
        "capabilities": ["stream", "tools"],
    }
