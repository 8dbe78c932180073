"""CI run, operator, vantage point, packages, files and arguments, each as a JSON-safe object without secrets."""

import hashlib
import json

import pytest

from pytest_darkhost.provenance import operators
from pytest_darkhost.provenance.arguments import without_secrets
from pytest_darkhost.provenance.files import configuration_files
from pytest_darkhost.provenance.operators import operator_of
from pytest_darkhost.provenance.packages import package_versions
from pytest_darkhost.provenance.pipeline import PipelineRun, pipeline_run
from pytest_darkhost.provenance.vantage import local_address, vantage_of

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_RUN_ID": "17",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "team/repo",
    "GITHUB_ACTOR": "someone",
}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"GITHUB_RUN_ID": "17"}, None),
        (GITHUB, PipelineRun("17", "https://github.com/team/repo/actions/runs/17", "someone")),
        ({"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "17"}, PipelineRun("17", None, None)),
        (
            {"GITLAB_CI": "true", "CI_PIPELINE_ID": "9", "CI_PIPELINE_URL": "https://user:token@git.example/p/9"},
            PipelineRun("9", "https://git.example/p/9", None),
        ),
        (
            {
                "TF_BUILD": "True",
                "BUILD_BUILDID": "5",
                "SYSTEM_COLLECTIONURI": "https://dev.example/org/",
                "SYSTEM_TEAMPROJECT": "p",
                "BUILD_REQUESTEDFOR": "Some One",
            },
            PipelineRun("5", "https://dev.example/org/p/_build/results?buildId=5", "Some One"),
        ),
    ],
    ids=["nowhere", "a lone variable", "GitHub", "GitHub without more", "GitLab", "Azure"],
)
def test_the_run_of_a_ci_service(environment, expected):
    """By the service's own variables; an URL has no user information."""
    assert pipeline_run(environment) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (GITHUB | {"DARKHOST_OPERATOR": " auditor "}, ("auditor", "environment")),
        (GITHUB, ("someone", "ci")),
        ({}, ("account", "system")),
    ],
)
def test_the_operator_is_who_says_so_first(environment, expected, monkeypatch):
    """The variable, the CI service, the user of the process."""
    monkeypatch.setattr(operators.getpass, "getuser", lambda: "account")

    operator = operator_of(environment, pipeline_run(environment))

    assert (operator.id, operator.source) == expected


def test_a_user_without_a_name_is_nobody(monkeypatch):
    """As in a container that runs under a number."""

    def nameless():
        raise KeyError

    monkeypatch.setattr(operators.getpass, "getuser", nameless)

    assert operator_of({}, None).record() == {"id": None, "source": "system"}


def test_the_vantage_point_is_this_machine():
    """Host, platform, Python and the address from which packets to a peer leave."""
    vantage = vantage_of("gw0", ("nonsense", "127.0.0.1:443"))

    assert (vantage.worker, vantage.address) == ("gw0", "127.0.0.1")
    assert json.dumps(vantage.record())
    assert vantage_of("main", ()).address is None


@pytest.mark.parametrize("peer", ["", "127.0.0.1", "host.example:443", "[::ffff]:x", "127.0.0.1:99999999"])
def test_a_peer_that_is_no_address_has_no_local_one(peer):
    """Nothing is resolved, and nothing breaks."""
    assert local_address(peer) is None


def test_versions_are_those_that_are_installed():
    """Our own and pytest's at least; none that is not there."""
    versions = package_versions()

    assert {"pytest", "pytest-darkhost", "httpx"} <= versions.keys()
    assert all(versions.values())


def test_files_are_named_below_the_root_and_digested(tmp_path):
    """Each once, by name; one that is not there is left out."""
    (tmp_path / "root").mkdir()
    inside, outside = tmp_path / "root/a.ini", tmp_path / "b.yaml"
    inside.write_bytes(b"a")
    outside.write_bytes(b"b")

    found = configuration_files([inside, outside, inside, tmp_path / "absent"], tmp_path / "root")

    assert [file.record() for file in found] == [
        {"name": str(outside), "digest": {"sha256": hashlib.sha256(b"b").hexdigest()}},
        {"name": "a.ini", "digest": {"sha256": hashlib.sha256(b"a").hexdigest()}},
    ]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("--venue=acme", "--venue=acme"),
        (
            "--darkhost-catalog=postgresql+psycopg://u:p@ss/w:rd@h/db",
            "--darkhost-catalog=postgresql+psycopg://u:***@h/db",
        ),
        ("postgresql://:secret@h/db", "postgresql://:***@h/db"),
        ("sqlite:///catalog.db?mode=ro&key=secret;x=y", "sqlite:///catalog.db?mode=ro&key=***;x=***"),
        ("https://h.example/?api_key=secret", "https://h.example/?api_key=***"),
        ("a=b&c=d", "a=b&c=d"),
        ("venue_specs/x.yaml::a@b:c::ttft[live]", "venue_specs/x.yaml::a@b:c::ttft[live]"),
    ],
)
def test_arguments_lose_the_secrets_of_their_urls(typed, shown):
    """Passwords, whole, and what a query may hide; the rest stays."""
    assert without_secrets([typed]) == [shown]
