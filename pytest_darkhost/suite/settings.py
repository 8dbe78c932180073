"""
What the user set: options, environment and ini values, read once. What there is to set is declared in `options`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from pytest_darkhost import variables
from pytest_darkhost.errors import UsageError
from pytest_darkhost.near import hint

NO_CATALOG = "none"
_MOST_USD = 1_000_000
_TYPING_ERROR = 0.8
"""Likeness from which a reason code is taken for a mistyped one; a team's own codes are less like the known ones."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the user set, read once."""

    root: Path
    venues: tuple[str, ...]
    """Patterns of `--venue`; empty: all."""
    spec_directories: tuple[Path, ...]
    plan_only: bool
    quick: bool
    max_cost_usd: Decimal | None
    catalog: str | None
    """A database URL, the word `none`, or `None` where nothing was said."""
    catalog_names: tuple[str, ...]
    adapter_paths: Mapping[str, str]
    accept_not_judged: frozenset[str]
    cassettes: Path
    """The directory of cassettes."""
    record: bool
    """Whether a live run writes its cassettes."""
    no_cassette: tuple[str, ...]
    """Patterns of the venues that need no cassette."""
    directory: Path
    """Where reports and logs go: `.darkhost`."""
    evidence: Path | None = None
    """The folder of the bundle; `None` where no evidence is wanted."""
    key: Path | None = None
    """The private key that signs it."""
    evidence_record: bool = False
    """Whether a run that can be no evidence is recorded, and not refused."""


def read_settings(config: pytest.Config) -> Settings:
    """
    Return what the user set. Options win over the environment, the environment over ini values.

    :raises UsageError: a value cannot be used.
    """
    option, ini = config.option, config.getini
    root = config.rootpath
    return Settings(
        root=root,
        venues=_patterns(option.venue or ini("darkhost_venue")),
        spec_directories=tuple(ini("darkhost_specs") or [root / "venue_specs"]),
        plan_only=_either(option.darkhost_plan, ini("darkhost_plan")),
        quick=_either(option.darkhost_quick, ini("darkhost_quick")),
        max_cost_usd=_usd(option.darkhost_max_cost, "--darkhost-max-cost")
        if option.darkhost_max_cost is not None
        else _usd(ini("darkhost_max_cost_usd") or None, "darkhost_max_cost_usd"),
        catalog=option.darkhost_catalog or os.environ.get(variables.CATALOG_URL) or ini("darkhost_catalog") or None,
        catalog_names=tuple(ini("darkhost_catalog_names")),
        adapter_paths=_adapter_paths(ini("darkhost_adapter_paths")),
        accept_not_judged=_reason_codes(ini("darkhost_accept_not_judged")),
        cassettes=_cassettes(config),
        record=_either(option.darkhost_record, ini("darkhost_record")),
        no_cassette=tuple(ini("darkhost_no_cassette")),
        directory=root / ".darkhost",
        evidence=_chosen_place(config, "darkhost_evidence"),
        key=_chosen_place(config, "darkhost_key"),
        evidence_record=_either(option.darkhost_evidence_record, ini("darkhost_evidence_record")),
    )


def _cassettes(config: pytest.Config) -> Path:
    directory = absolute(_place(config, "darkhost_cassettes") or config.rootpath)
    if directory.is_file():
        msg = f"{directory}: a file, expected the directory of cassettes (--darkhost-cassettes or darkhost_cassettes)"
        raise UsageError(msg)
    return directory


def _chosen_place(config: pytest.Config, name: str) -> Path | None:
    """Return a file or directory that was named, or `None`. Raises `UsageError` for an empty name."""
    if getattr(config.option, name) == "":
        msg = f"--{name.replace('_', '-')}: the name is empty, expected a path"
        raise UsageError(msg)
    found = _place(config, name)
    return absolute(found) if found else None


def _place(config: pytest.Config, name: str) -> Path | None:
    """Return a path: an option is relative to where it was typed, an ini value to its file."""
    typed = getattr(config.option, name)
    base = config.invocation_params.dir if typed else (config.inipath or config.rootpath / "ini").parent
    named = typed or config.getini(name)
    return base / named if named else None


def absolute(path: Path) -> Path:
    """Return a path from the root, without `..`, links kept: what pytest makes of its arguments."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `Path.absolute` keeps `..`, `Path.resolve` follows links


def _either(option: Any, ini: Any) -> bool:
    return bool(ini if option is None else option)


def _patterns(values: list[str]) -> tuple[str, ...]:
    patterns = tuple(part.strip() for value in values for part in value.split(","))
    if any(not pattern for pattern in patterns):
        msg = f"--venue: {','.join(values)!r} has an empty name, expected names of venues"
        raise UsageError(msg)
    return patterns


def _usd(text: str | None, place: str) -> Decimal | None:
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= _MOST_USD:
        msg = f"{place}: {text!r} is not an amount, expected USD such as 0.05"
        raise UsageError(msg)
    return value


def _reason_codes(codes: list[str]) -> frozenset[str]:
    if not codes:
        return frozenset()
    from pytest_darkhost.verdicts import ReasonCode

    known = [code.value for code in ReasonCode]
    for code in codes:
        near = code not in known and hint(code, known, cutoff=_TYPING_ERROR)
        if near:
            msg = f"darkhost_accept_not_judged: {code!r} is no reason code{near}"
            raise UsageError(msg)
    return frozenset(codes)


def _adapter_paths(lines: list[str]) -> Mapping[str, str]:
    paths: dict[str, str] = {}
    for line in lines:
        name, separator, path = (part.strip() for part in line.partition("="))
        if not separator or not name or not path.startswith("/"):
            msg = f"darkhost_adapter_paths: {line!r} is not 'dialect or venue = /path', expected such as " + (
                "'openai = /v1/chat/completions'"
            )
            raise UsageError(msg)
        paths[name] = path
    return MappingProxyType(paths)
