"""What a live run lacks is a usage error: exit 4, one clear text, nothing sent, with or without workers."""

import os
from pathlib import Path

import pytest
from support.spec_factory import KEY_ENV

LIVE = ("-m", "live", "--venue=acme")
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])


def refused(project, *arguments):
    """Run, and return the text of a usage error."""
    result = project.run(*arguments)
    assert result.ret == 4
    assert "Traceback" not in result.stderr.str()
    return result.stderr.str()


@WORKERS
def test_an_unknown_venue_is_refused_with_near_names(project, workers):
    """A typing error proves nothing, so it must not look like a run."""
    project.venue("together")

    text = refused(project, "-m", "live", "--venue=togehter", *workers)

    assert "togehter" in text
    assert "together" in text.replace("togehter", "")


def test_an_unknown_venue_is_refused_without_live_too(project):
    """`--venue` is checked in every run."""
    project.venue()

    assert "nope" in refused(project, "--venue=nope")


@WORKERS
def test_a_broken_spec_is_refused_with_all_its_mistakes(project, workers):
    """Every mistake has its line, and nothing is sent."""
    server = project.venue()
    path = project.specs / "acme.yaml"
    path.write_text(path.read_text().replace("dialect: openai", "dialect: openapi\ncolour: red"))

    text = refused(project, *LIVE, *workers)

    assert "venue_specs/acme.yaml:2: dialect: " in text
    assert "venue_specs/acme.yaml:3: colour: " in text
    assert server.log == ()


@WORKERS
def test_a_hosted_venue_needs_a_catalog(project, workers):
    """Parity with what production calls is not optional; the word `none` says that there is nothing to compare with."""
    server = project.venue()
    project.pytester.makefile(".ini", pytest="[pytest]\n")

    text = refused(project, *LIVE, *workers)

    assert "--darkhost-catalog: no catalog named" in text
    assert server.log == ()


def test_a_hosted_venue_needs_a_cap(project):
    """Without a spending cap in the spec, the ini file or the option, nothing is sent."""
    server = project.venue(spec={"max_cost_usd": None})

    text = refused(project, *LIVE)

    assert "acme.yaml: no max_cost_usd" in text
    assert server.log == ()
    assert project.run(*LIVE, "--darkhost-max-cost=1", "-k", "latency_cold").ret == 0


@pytest.mark.parametrize("cap", ["much", "-1", "NaN", "1e999999999", ""])
def test_a_cap_that_is_no_amount_is_refused(project, cap):
    """An amount is a decimal number of USD."""
    project.venue()

    text = refused(project, *LIVE, f"--darkhost-max-cost={cap}")

    assert "--darkhost-max-cost" in text


@pytest.mark.parametrize(
    "line",
    ["darkhost_adapter_paths = openai /v1", "darkhost_adapter_paths = openai = v1", "darkhost_max_cost_usd = much"],
)
def test_a_malformed_ini_value_is_refused(project, line):
    """The text names the ini value."""
    project.venue()
    project.ini(line)

    assert line.split(" =")[0] in refused(project, *LIVE)


def test_an_unreachable_catalog_is_refused_before_anything_is_sent(project):
    """A catalog that cannot be read is an error, never a skip."""
    server = project.venue()

    text = refused(project, *LIVE, "--darkhost-catalog=sqlite:///no-such-directory/catalog.db")

    assert "no-such-directory" in text
    assert server.log == ()


def test_every_worker_sending_everything_is_refused(project):
    """`--dist=each` would pay for each call once a worker."""
    server = project.venue()

    text = refused(project, *LIVE, "--dist=each", "--tx=2*popen")

    assert "--dist=each" in text
    assert server.log == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_report_that_cannot_be_written_is_refused_for_want_of_rights(project):
    """The place of the report is tried before the first call."""
    project.venue()
    (project.path / "locked").mkdir(mode=0o500)

    assert "locked" in refused(project, *LIVE, "--json-report-file=locked/report.json")


def test_a_report_that_cannot_be_written_is_refused(project):
    """The place of the report is tried before the first call."""
    server = project.venue()
    Path("file").write_text("in the way")

    text = refused(project, *LIVE, "--json-report-file=file/report.json")

    assert "file/report.json" in text
    assert server.log == ()


def test_a_plan_needs_a_live_run(project):
    """`--darkhost-plan` alone has nothing to plan, and says what to add."""
    project.venue()

    assert "-m live" in refused(project, "--darkhost-plan")


def test_the_report_plugin_is_required(project):
    """Without pytest-json-report there would be no record of what was paid for."""
    project.venue()

    assert "pytest-json-report" in refused(project, *LIVE, "-p", "no:pytest_jsonreport")


def test_a_key_of_another_venue_is_not_required(project, monkeypatch):
    """Only the venue that was named must have its key."""
    project.venue("acme")
    project.venue("other", spec={"credential_env": ["DARKHOST_TEST_OTHER_KEY"]})

    assert project.run(*LIVE, "-k", "latency_cold").ret == 0
    assert KEY_ENV in os.environ


@pytest.mark.parametrize(
    ("name", "value"), [("SSL_CERT_FILE", "no-such-file.pem"), ("HTTPS_PROXY", "gopher://127.0.0.1:1")]
)
def test_an_environment_that_cannot_be_used_is_refused(project, monkeypatch, name, value):
    """Proxies and certificates are looked at before the first call."""
    project.venue(spec={"base_url": "https://api.acme.example"})
    monkeypatch.setenv(name, value)

    assert value.split(":")[0] in refused(project, *LIVE)
