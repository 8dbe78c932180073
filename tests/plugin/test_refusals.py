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


@WORKERS
def test_a_scratch_directory_that_cannot_be_made_is_refused(project, workers):
    """The default place of the report is tried before the first call, and the text names the way out."""
    server = project.venue()
    Path(".darkhost").write_text("in the way")

    text = refused(project, *LIVE, *workers)

    assert ".darkhost/report.json: File exists, expected a place" in text
    assert "--json-report-file" in text
    assert len(text.strip().splitlines()) == 1
    assert server.log == ()


@pytest.mark.parametrize("code", ["rate_limitd", "rate-limited", "RATE_LIMITED", "canceled"])
def test_a_mistyped_reason_code_is_refused_with_the_near_one(project, code):
    """A typing error would leave a run red for no visible reason."""
    project.venue()
    project.ini(f"darkhost_accept_not_judged = {code}")

    text = refused(project)

    assert f"darkhost_accept_not_judged: {code!r} is no reason code" in text
    assert {"rate_limited", "cancelled"} & set(text.split("Did you mean")[1].split("'"))


def test_a_reason_code_of_a_teams_own_is_accepted(project):
    """Own checks have codes that are like none of the known ones."""
    project.venue()
    project.ini("darkhost_accept_not_judged = client_busy too_few_samples no_weekday too_slow")

    assert project.run(*LIVE, "-k", "latency_cold").ret == 0


@WORKERS
@pytest.mark.parametrize(("name", "near"), [("opnai", "openai"), ("Acme", "acme"), ("zzz", None)])
def test_an_adapter_path_of_nobody_is_refused(project, name, near, workers):
    """A path that no venue uses would leave parity to compare with the default."""
    server = project.venue()
    project.ini(f"darkhost_adapter_paths = {name} = /v1/chat/completions")

    text = refused(project, *LIVE, *workers)

    assert (
        f"darkhost_adapter_paths: {name!r} is no dialect and no venue, expected one of acme, anthropic, openai" in text
    )
    assert ("Did you mean" in text) is bool(near)
    assert f"{near!r}?" in text or near is None
    assert server.log == ()


@pytest.mark.parametrize("name", ["openai", "acme"])
def test_an_adapter_path_of_a_dialect_or_a_venue_is_accepted(project, name):
    """Both are known, without `-m live` too."""
    project.venue()
    project.ini(f"darkhost_adapter_paths = {name} = /v1/chat/completions")

    assert project.run("--collect-only").ret == 0
