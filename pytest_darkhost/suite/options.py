"""
What the user may type or configure. Each `--darkhost-…` option has an ini twin `darkhost_…`.
"""

import difflib
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
from pytest_darkhost.verdicts import ReasonCode

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


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and ini values."""
    group = parser.getgroup("darkhost", "proving LLM hosts")
    group.addoption(
        "--venue",
        action="append",
        default=[],
        metavar="NAME",
        help="probe this venue only: the stem of its spec file, a comma list or a glob; repeatable",
    )
    group.addoption(
        "--darkhost-plan",
        action="store_true",
        default=None,
        help="print every call with its ceilings and worst-case cost, and send nothing",
    )
    group.addoption(
        "--darkhost-quick",
        action="store_true",
        default=None,
        help="make two consecutive chats per target, cold and warm, and judge what two calls can",
    )
    group.addoption("--darkhost-max-cost", metavar="USD", help="spending cap of the whole run in USD")
    group.addoption(
        "--darkhost-catalog",
        metavar="URL",
        help=f"SQLAlchemy URL of the database with providers and models, or {NO_CATALOG!r} "
        f"(also ${variables.CATALOG_URL})",
    )
    group.addoption(
        "--darkhost-record",
        action="store_true",
        default=None,
        help="also write the cassettes of a live run that passed",
    )
    group.addoption(
        "--darkhost-evidence",
        metavar="DIR",
        help="sign the report of a live run and append it to the bundle in this folder; checked before the first call",
    )
    group.addoption("--darkhost-key", metavar="FILE", help="private key that signs the evidence (darkhost key new)")
    group.addoption(
        "--darkhost-evidence-record",
        action="store_true",
        default=None,
        help="append a signed record of a run that can be no evidence, with the reasons, instead of refusing it",
    )
    group.addoption("--darkhost-cassettes", metavar="DIR", help="directory of cassettes (default: cassettes)")
    _add_ini(parser)


def _add_ini(parser: pytest.Parser) -> None:
    parser.addini("darkhost_specs", "directories that hold venue specs", type="paths", default=None)
    parser.addini("darkhost_venue", "default of --venue", type="args", default=[])
    parser.addini("darkhost_plan", "default of --darkhost-plan", type="bool", default=False)
    parser.addini("darkhost_record", "default of --darkhost-record", type="bool", default=False)
    parser.addini("darkhost_evidence", "folder of the evidence of live runs, as --darkhost-evidence", default="")
    parser.addini("darkhost_key", "private key that signs the evidence, as --darkhost-key", default="")
    parser.addini("darkhost_evidence_record", "default of --darkhost-evidence-record", type="bool", default=False)
    parser.addini("darkhost_cassettes", "directory of cassettes, as --darkhost-cassettes", default="cassettes")
    parser.addini(
        "darkhost_no_cassette",
        "venues that need no cassette, as names or globs; without one, their replay is not judged",
        type="args",
        default=[],
    )
    parser.addini("darkhost_quick", "default of --darkhost-quick", type="bool", default=False)
    parser.addini("darkhost_max_cost_usd", "spending cap of a run in USD, as --darkhost-max-cost", default="")
    parser.addini("darkhost_catalog", f"as --darkhost-catalog; the word {NO_CATALOG!r} for no catalog", default="")
    parser.addini(
        "darkhost_catalog_names",
        "names in the catalog where they differ, such as 'models.upstream_model = remote_name'",
        type="linelist",
        default=[],
    )
    parser.addini(
        "darkhost_adapter_paths",
        "what the production adapter appends to a base URL, per dialect or venue: 'openai = /v1/chat/completions'",
        type="linelist",
        default=[],
    )
    parser.addini(
        "darkhost_accept_not_judged",
        "reason codes of checks that were not judged and that leave the exit code of a live run alone",
        type="args",
        default=[],
    )


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
    return absolute(_place(config, "darkhost_cassettes") or config.rootpath)


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
    known = [code.value for code in ReasonCode]
    for code in codes:
        near = difflib.get_close_matches(code.lower(), known, n=1, cutoff=_TYPING_ERROR)
        if near and code not in known:
            msg = f"darkhost_accept_not_judged: {code!r} is no reason code. Did you mean {near[0]!r}?"
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
