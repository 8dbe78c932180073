"""
A team's own checks and probes, gathered from its hooks. What cannot be used is a usage error that names its place.

Not what runs or judges them: they are treated like the standard ones from here on.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pytest_darkhost.checks.case import Check, Scope, Source
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.checks.texts import near_text, short
from pytest_darkhost.errors import UsageError
from pytest_darkhost.plan import Owner, make_plan
from pytest_darkhost.probes import Key, ProbeName, ProbeTemplate
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.resolution import adapter_path
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.standard_probes import TARGET_TEMPLATES

_T = TypeVar("_T", Check, ProbeTemplate)

CHECKS, PROBES = "pytest_darkhost_checks", "pytest_darkhost_probes"
VENUE_PROBES = (ProbeName.MODEL_LIST.value, ProbeName.REFUSED_KEY.value)
"""The probes of a venue itself; all others are a target's."""
_NAME = re.compile(r"[A-Za-z_][\w.-]*")


def own_checks(config: pytest.Config, probes: tuple[ProbeTemplate, ...]) -> tuple[Check, ...]:
    """
    Return the checks that the hooks offer, in the order in which pluggy calls them.

    :param probes: the team's own, which its checks may need.
    :raises UsageError: for the first that cannot be used.
    """
    taken = {check.name: "a standard check" for check in STANDARD}
    found: list[Check] = []
    for place, check in _offered(config, CHECKS, Check):
        _require_new_name(place, "check", check.name, taken)
        fault = next(_check_faults(check, probes), None)
        if fault:
            msg = f"{place}: check {check.name!r}: {fault}"
            raise UsageError(msg)
        found.append(check)
    return tuple(found)


def own_probes(config: pytest.Config) -> tuple[ProbeTemplate, ...]:
    """
    Return the probes that the hooks offer, in the order in which pluggy calls them.

    :raises UsageError: for the first that cannot be used.
    """
    taken = {name.value: "a standard probe" for name in ProbeName}
    found: list[ProbeTemplate] = []
    for place, template in _offered(config, PROBES, ProbeTemplate):
        _require_new_name(place, "probe", template.name, taken)
        fault = next(_probe_faults(template), None)
        if fault:
            msg = f"{place}: probe {template.name!r}: {fault}"
            raise UsageError(msg)
        found.append(template)
    return tuple(found)


def rehearse(probes: Iterable[ProbeTemplate], venues: Iterable[VenueSpec]) -> None:
    """
    Build every request that the team's own probes could ask for, and send none.

    :raises UsageError: for the first that cannot be built.
    """
    specs = tuple(venues)
    for template in probes:
        for spec in specs:
            try:
                _build_all(template, spec)
            except Exception as error:
                msg = f"{_place_of(template.request)}: probe {template.name!r}: {_told(error)}, expected a ChatRequest"
                raise UsageError(msg) from None


def probe_names(probes: Iterable[ProbeTemplate]) -> tuple[str, ...]:
    """Return the names of all probes of a target, the team's own included."""
    return tuple(str(template.name) for template in (*TARGET_TEMPLATES, *probes))


def hook_places(config: pytest.Config) -> frozenset[str]:
    """Return where the hooks for checks and probes are defined, of the plugins that are loaded by now."""
    return frozenset(
        f"{_place_of(impl.function)}: {name}"
        for name in (CHECKS, PROBES)
        for impl in getattr(config.hook, name).get_hookimpls()
    )


def late_hook(config: pytest.Config, known: frozenset[str]) -> str | None:
    """Return what is wrong with a hook that pytest loaded after those of `known` were called, if there is one."""
    late = sorted(hook_places(config) - known)
    expected = "expected before. Move it to the conftest.py of the root directory"
    return f"{late[0]}: loaded while collecting, {expected}" if late else None


def unknown_probe(name: object, known: Iterable[str]) -> str | None:
    """Return what is wrong with the name of a probe that is to be read, or `None`."""
    names = tuple(known)
    if isinstance(name, str) and name in names:
        return None
    return f"{name!r} is no probe, expected one of {', '.join(names)}{near_text(str(name), names)}"


def _offered(config: pytest.Config, hook: str, kind: type[_T]) -> Iterator[tuple[str, _T]]:
    for impl in reversed(getattr(config.hook, hook).get_hookimpls()):
        place = f"{_place_of(impl.function)}: {hook}"
        for thing in _listed(impl.function, place, kind.__name__):
            if not isinstance(thing, kind):
                msg = f"{place}: an item of type {type(thing).__name__}, expected {kind.__name__}"
                raise UsageError(msg)
            yield place, thing


def _listed(function: Callable[[], Any], place: str, expected: str) -> tuple[Any, ...]:
    """Return what a hook returns; nothing for `None`."""
    try:
        result = function()
        return () if result is None else tuple(result)
    except Exception as error:
        msg = f"{place}: {_told(error)}, expected a list of {expected}"
        raise UsageError(msg) from None


def _require_new_name(place: str, noun: str, name: object, taken: dict[str, str]) -> None:
    """Note a name. Raise `UsageError` when it is none, or there is one already."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        msg = f"{place}: {noun} {name!r}: expected a name of letters, digits, '_', '-' and '.'"
        raise UsageError(msg)
    if name in taken:
        msg = f"{place}: {noun} {name!r}: the name is taken by {taken[name]}, expected another"
        raise UsageError(msg)
    taken[name] = f"a {noun} of {place}"


def _check_faults(check: Check, probes: tuple[ProbeTemplate, ...]) -> Iterator[str]:
    if not callable(check.judge):
        yield f"judge is {check.judge!r}, expected a function of a Case"
    if not isinstance(check.scope, Scope):
        yield f"scope is {check.scope!r}, expected a Scope"
    if not check.sources or not all(isinstance(source, Source) for source in _tuple(check.sources)):
        yield f"sources is {check.sources!r}, expected a tuple of Source"
    if not isinstance(check.capability, (Capability, type(None))):
        yield f"capability is {check.capability!r}, expected a Capability or None"
    if isinstance(check.needs, str) or not isinstance(check.needs, Iterable):
        yield f"needs is {check.needs!r}, expected a tuple of names of probes"
    known = VENUE_PROBES if check.scope is Scope.VENUE else probe_names(probes)
    yield from filter(None, (unknown_probe(name, known) for name in check.needs))


def _probe_faults(template: ProbeTemplate) -> Iterator[str]:
    if not callable(template.request):
        yield f"request is {template.request!r}, expected a function of venue, model and nonce"
    if not callable(template.samples):
        yield f"samples is {template.samples!r}, expected a function of a model"
    if not isinstance(template.key, Key):
        yield f"key is {template.key!r}, expected a Key"


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _build_all(template: ProbeTemplate, spec: VenueSpec) -> None:
    from pytest_darkhost.dialects.requests import build

    needs = {Owner(spec.venue, model.slug): frozenset({template.name}) for model in spec.models}
    for probe in make_plan([spec], needs, nonce="rehearsal", own=(template,)).probes:
        build(spec, probe, adapter_path(spec, {}), port=1)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {short(str(error), 200)}"


def _place_of(function: Any) -> str:
    """Return `conftest.py:12`, or the function's own words where it has no source."""
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(function)
    path = Path(code.co_filename)
    here = Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{code.co_firstlineno}"
