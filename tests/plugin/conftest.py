"""A project with one venue spec per stand-in venue, in which pytest runs as a user would run it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest

import support.imported  # noqa: F401
from pytest_darkhost.evidence import fitness, observed, shared_calls
from pytest_darkhost.evidence.keys import write_new
from pytest_darkhost.transport import tls as trust
from support import tls
from support.keys import KEY
from support.loop_thread import LoopThread
from support.proving import NO_BUDGET, Prover
from support.spec_factory import KEY_ENV, write_venue
from support.venue_server import VenueServer

INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
darkhost_catalog = none
"""
USUAL = (
    # What a busy machine could not judge is not what these tests are about.
    "darkhost_accept_not_judged = client_busy too_few_samples",
    # Nor are cassettes, but for the tests of replay.
    "darkhost_no_cassette = *",
)


class Project:
    """A directory with `venue_specs/`, and pytest in it."""

    def __init__(self, pytester: pytest.Pytester, thread: LoopThread) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.specs = pytester.path / "venue_specs"
        self._thread = thread
        self._servers: list[VenueServer] = []
        self.ini()

    def venue(self, name: str = "acme", profile: str = "openai-plain", **options: Any) -> VenueServer:
        """Start a stand-in venue and write its spec; `spec` holds keys of the spec, the rest goes to the server."""
        spec = options.pop("spec", {})
        options.setdefault("token_gap_ms", 4)
        server = VenueServer(profile, thread=self._thread, **options)
        server.__enter__()
        self._servers.append(server)
        write_venue(self.specs, name, server, **spec)
        return server

    def ini(self, *lines: str) -> None:
        """Write the ini file anew with further lines, which win over the usual ones."""
        usual = (line for line in USUAL if not any(own.startswith(line.split()[0]) for own in lines))
        self.pytester.makefile(".ini", pytest="\n".join((INI, *usual, *lines)))

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in this process."""
        return self.pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)

    def edit_spec(self, name: str, old: str, new: str) -> None:
        """Change a text in a spec."""
        path = self.specs / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text, text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def replay(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in this process as CI does: without a key, and with all venues gone."""
        self.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(KEY_ENV, raising=False)
            return self.run(*arguments)

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in a process of its own."""
        return self.pytester.runpytest_subprocess(*arguments)

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report of the last live run, each call in the tests that read it."""
        data: dict[str, Any] = json.loads((self.path / ".darkhost/report.json").read_text(encoding="utf-8"))
        shared_calls.spread(data, "report.json")
        return data

    def verdicts(self) -> dict[str, str]:
        """Return the verdict, or the reason code, of each check in the report, by the end of the node id."""
        objects = {t["nodeid"].rsplit("::", 1)[-1]: t["metadata"]["darkhost"] for t in self.report["tests"]}
        return {name: data["reason_code"] or data["verdict"] for name, data in objects.items()}

    def files(self) -> list[Path]:
        """Return all files that a run left behind."""
        return [path for path in self.path.rglob("*") if path.is_file()]

    def close(self) -> None:
        """Stop the stand-in venues."""
        while self._servers:
            self._servers.pop().__exit__(None, None, None)


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    """One thread for all stand-in venues of a session."""
    with LoopThread() as thread:
        yield thread


@pytest.fixture(scope="session")
def recordings() -> dict[str, bytes]:
    """The files of a project that was recorded, by place; filled by the first test that needs one."""
    return {}


@pytest.fixture
def recorded(project: Project, recordings: dict[str, bytes]) -> Project:
    """A project whose one venue was recorded, and is gone; a missing cassette would be an error."""
    project.ini("darkhost_no_cassette =")
    if not recordings:
        project.venue(spec={"defaults": {"samples": {"warm": 2}}})
        assert project.run("-m", "live", "--darkhost-record").ret == 0
        recordings |= {path.relative_to(project.path).as_posix(): path.read_bytes() for path in project.files()}
    for name, data in recordings.items():
        path = project.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return project


@pytest.fixture
def project(pytester: pytest.Pytester, loop_thread: LoopThread, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project without venues yet; the key of its stand-in venues is in the environment."""
    monkeypatch.setenv(KEY_ENV, KEY)
    for name in (
        "DARKHOST_CATALOG_URL",
        "GITHUB_ACTIONS",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    made = Project(pytester, loop_thread)
    yield made
    made.close()


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    """A private key, readable by its owner alone."""
    path = tmp_path_factory.mktemp("keys") / "darkhost.pem"
    write_new(path, None)
    return path


@pytest.fixture
def prover(project, key, monkeypatch):
    """A committed project with one venue. No run of ours contradicts itself, however it is run and ends."""
    monkeypatch.delenv("DARKHOST_KEY_PASSPHRASE", raising=False)
    project.venue(spec=NO_BUDGET)
    made = Prover(project, key)
    made.commit()
    yield made
    assert made.contradictions == []


@pytest.fixture
def trusted(tmp_path_factory, monkeypatch):
    """Certificates of an authority that stands where certifi's file does; a loopback address counts as a venue's."""
    files = tls.good(tmp_path_factory.mktemp("tls"))
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(certifi, "where", lambda: str(files.authority))
    for name in ("is_this_machine", "is_private_literal"):
        monkeypatch.setattr(fitness, name, lambda _host: False)
    monkeypatch.setattr(observed, "is_public_peer", lambda _peer: True)
    trust._trust.cache_clear()
    yield files
    trust._trust.cache_clear()
