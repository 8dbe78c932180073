"""
All that the doctor looks at, in the order in which it is said. A part that is broken hides no other.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from pytest_darkhost.commands.doctor import activations, around, cassettes, catalog, evidence, keys, specs
from pytest_darkhost.commands.doctor.finding import Finding, fine, wrong
from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.suite.asking import Project, project_here


def examine(*, max_age_days: int) -> tuple[Finding, ...]:
    """Return what was found in the current directory."""
    try:
        project = project_here()
    except DarkhostError as error:
        return (*around.versions(), *(wrong("settings", line) for line in str(error).splitlines()))
    return tuple(_findings(project, max_age_days))


def _findings(project: Project, max_age_days: int) -> Iterator[Finding]:
    now = datetime.now(UTC)
    loaded, flaws = specs.loaded(project.settings)
    yield from around.versions()
    yield from _settings(project)
    yield from flaws
    yield from specs.findings(loaded, project.settings, now, max_age_days)
    yield from _guarded("keys", lambda: keys.findings(loaded))
    yield from _guarded("catalog", lambda: catalog.findings(project.settings, loaded))
    yield from _guarded("cassettes", lambda: cassettes.findings(project.settings, loaded, now, max_age_days))
    yield from _guarded("evidence", lambda: evidence.findings(project.settings, loaded))
    yield from _guarded(
        "activation", lambda: activations.findings(project.activations, loaded, now.astimezone().date())
    )
    yield from around.adapter(project, loaded)
    yield from around.extras(loaded)
    yield from _guarded("network", lambda: around.network(loaded))
    yield from around.git(project.settings.root)


def _settings(project: Project) -> Iterator[Finding]:
    where = str(project.ini) if project.ini else "no ini file: defaults"
    yield fine("settings", where)


def _guarded(area: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except DarkhostError as error:
        yield wrong(area, str(error))
