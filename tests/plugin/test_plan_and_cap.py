"""The plan is shown before spending, and the cap holds while spending."""

import re

from support.spec_factory import KEY_ENV

LIVE = ("-m", "live", "--venue=acme")


def test_the_plan_lists_every_call_and_sends_nothing(project, monkeypatch):
    """Each call with its ceilings and its worst case, per target and in total; no key is needed for it."""
    server = project.venue(models=("a/one", "a/two"))
    monkeypatch.delenv(KEY_ENV)

    result = project.run(*LIVE, "--darkhost-plan")

    assert (result.ret, server.log) == (0, ())
    text = result.stdout.str()
    assert text.count("  cold[1]") == 2
    result.stdout.re_match_lines([r"acme/one-acme +7 calls +\$0\.00\d+", r"total: 16 calls · at most \$0\.00\d+ · .*"])


def test_the_planned_total_is_the_sum_of_its_calls(project):
    """The figure that the founder reads adds up."""
    project.venue(models=("a/one", "a/two"))

    text = project.run(*LIVE, "--darkhost-plan").stdout.str()

    calls = [float(amount) for amount in re.findall(r"^  \S+\[\d+\].*\$([\d.]+)$", text, re.MULTILINE)]
    total = float(re.search(r"total: .* at most \$([\d.]+)", text)[1])
    assert abs(sum(calls) - total) < 1e-6 * len(calls)


def test_the_plan_under_workers_is_made_by_one_process(project):
    """`-n` does not hide the plan."""
    server = project.venue()

    result = project.run(*LIVE, "--darkhost-plan", "-n", "2")

    assert (result.ret, server.log) == (0, ())
    result.stdout.fnmatch_lines(["total: 9 calls * nothing was sent"])


def test_the_plan_matches_what_is_sent(project):
    """A run sends exactly the calls of its plan."""
    server = project.venue()
    planned = project.run(*LIVE, "--darkhost-plan").stdout.str()

    project.run(*LIVE)

    assert f"total: {len(server.log)} calls" in planned


def test_the_cap_stops_calls_before_they_are_sent(project):
    """What would exceed the cap is not sent, its checks are not judged, and the run does not exit with 0."""
    server = project.venue()

    result = project.run(*LIVE, "--darkhost-max-cost=0.0003")

    assert result.ret == 1
    assert "cost_cap" in project.verdicts().values()
    assert len(server.log) < 9
    assert float(project.report["darkhost"]["spent_usd"]) <= 0.0003


def test_a_cap_of_nothing_sends_only_what_is_free(project):
    """Lists and refusals cost nothing, everything else is left out."""
    server = project.venue()

    result = project.run(*LIVE, "--darkhost-max-cost=0")

    assert result.ret == 1
    assert {seen.kind.value for seen in server.log} == {"models", "refused_key"}


def test_the_specs_own_cap_holds(project):
    """The narrower of the run's cap and the venue's decides."""
    server = project.venue(spec={"max_cost_usd": 0})

    project.run(*LIVE, "--darkhost-max-cost=5")

    assert {seen.kind.value for seen in server.log} == {"models", "refused_key"}


def test_one_cap_holds_over_all_workers(project):
    """Two workers together spend no more than one."""
    for name in ("acme", "other"):
        project.venue(name)

    project.run("-m", "live", "--venue=acme,other", "-n", "2", "--darkhost-max-cost=0.0003")

    assert "cost_cap" in project.verdicts().values()
    assert float(project.report["darkhost"]["spent_usd"]) <= 0.0003


def test_no_ledger_is_left_behind(project):
    """The file that workers share is removed."""
    project.venue()

    project.run(*LIVE, "-n", "2")

    assert not [path for path in project.files() if "ledger" in path.name]
