"""A team's own tests, checks and probes: what they see, what they cost, and what is refused."""

import json

import pytest

from support.faults import Fault

LIVE = ("-m", "live", "--venue=acme")


def kinds(server):
    """Return the kinds of the requests that arrived."""
    return [seen.kind.value for seen in server.log]


def objects(project):
    """Return the `darkhost` object of each test in the report, by the end of its node id."""
    return {test["nodeid"].rsplit("::", 1)[-1]: test["metadata"]["darkhost"] for test in project.report["tests"]}


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_sync_and_async_tests_run_once_for_each_target(project, mode):
    """Under pytest-asyncio in both modes, beside other parameters."""
    server = project.venue(models=("a/one", "a/two"))
    project.pytester.copy_example("own_tests")

    result = project.run(*LIVE, "test_answers.py", "-v", "-o", f"asyncio_mode={mode}")

    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["test_answers.py::test_nothing_is_declined?acme/two-acme-sorry? PASSED*"])
    assert kinds(server) == ["chat", "chat", "stream"] * 2


def test_async_without_a_marker_runs_in_auto_mode(project):
    """What auto mode collects as asynchronous gets its target and observations too."""
    project.venue()
    project.pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        async def chat(darkhost_observations):
            return darkhost_observations["cold"][0]

        @pytest.mark.darkhost_needs("cold")
        async def test_own(darkhost_target, chat):
            assert chat.probe.model == darkhost_target.model.slug
        """
    )

    result = project.run(*LIVE, "-o", "asyncio_mode=auto", "-k", "test_own")

    result.assert_outcomes(passed=1, deselected=42)


def test_needs_narrow_the_calls(project):
    """A test pays for the probes that it names, and for no others."""
    server = project.venue()
    project.pytester.copy_example("own_tests")

    result = project.run(*LIVE, "-k", "answer_is_short")

    assert result.ret == 0
    assert kinds(server) == ["chat"]


def test_without_needs_all_probes_of_the_target_are_planned(project):
    """A test that does not say what it reads sees everything of its target, and the plan says so beforehand."""
    server = project.venue()
    project.pytester.makepyfile(
        """
        def test_own(darkhost_observations):
            assert {"cold", "warm", "stream", "tool_call", "unknown_model"} < set(darkhost_observations.by_probe)
        """
    )

    planned = project.run(*LIVE, "--darkhost-plan", "-k", "test_own").stdout.str()
    assert server.log == ()
    result = project.run(*LIVE, "-k", "test_own")

    assert result.ret == 0
    assert f"total: {len(server.log)} calls" in planned
    assert len(server.log) == 7


def test_own_tests_and_checks_share_the_calls(project):
    """A probe is sent once, however many tests of either kind read it."""
    server = project.venue()
    project.pytester.copy_example("own_tests")

    result = project.run(*LIVE)

    assert result.ret == 0
    assert len(server.log) == project.report["darkhost"]["calls"] == 9


def test_a_test_that_reads_no_observations_is_not_live(project):
    """It runs without `-m`, once for each target, and sends nothing; live ones are deselected."""
    server = project.venue()
    project.pytester.copy_example("own_tests")

    result = project.run("test_specs.py", "test_answers.py")

    result.assert_outcomes(passed=1, skipped=4, deselected=4)
    assert (result.ret, server.log) == (0, ())


@pytest.mark.parametrize("expression", ["", "not parity", "live or not live"])
def test_live_is_opt_in_for_own_tests_too(project, expression):
    """A key in the environment is no permission to spend."""
    server = project.venue()
    project.pytester.copy_example("own_tests")

    project.run("-m", expression, "test_answers.py")

    assert server.log == ()


def test_a_failing_own_test_is_in_the_report(project):
    """Its `darkhost` object says what was read and that it failed; pytest shows its own assertion."""
    project.venue()
    project.pytester.makepyfile(
        """
        import pytest

        @pytest.mark.darkhost_needs("cold")
        def test_own(darkhost_target, darkhost_observations):
            assert darkhost_observations["cold"][0].answer.text == "something else"
        """
    )

    result = project.run(*LIVE, "-k", "test_own")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["E *assert * == 'something else'*"])
    (data,) = objects(project).values()
    assert (data["verdict"], data["mode"], data["model"]) == ("failed", "live", "plain-1-acme")
    assert [probe["probe"] for probe in data["probes"]] == ["acme/plain-1-acme/cold[1]"]


def test_an_own_test_sees_what_went_wrong_as_data(project):
    """A venue's error reaches the test as an observation, not as an exception."""
    project.venue(fault=Fault.SERVER_ERROR)
    project.pytester.makepyfile(
        """
        import pytest

        @pytest.mark.darkhost_needs("cold")
        def test_own(darkhost_observations):
            (chat,) = darkhost_observations["cold"]
            assert (chat.answer, chat.error.kind, chat.error.status) == (None, "server_error", 500)
        """
    )

    assert project.run(*LIVE, "-k", "test_own").ret == 0


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_need_that_does_not_exist_is_refused(project, workers):
    """A misspelt probe would leave a test without observations: it is an error of the collection, nothing is sent."""
    server = project.venue()
    project.pytester.makepyfile(
        """
        import pytest

        @pytest.mark.darkhost_needs("clod")
        def test_own(darkhost_observations):
            pass
        """
    )

    result = project.run(*LIVE, *workers)

    text = result.stdout.str()
    assert "::test_own: darkhost_needs: 'clod' is no probe, expected one of cold, warm" in text
    assert "Traceback" not in text
    assert result.ret != 0
    assert server.log == ()


def test_an_own_catalog_is_read_by_the_plugins_items(project):
    """A conftest.py that overrides `darkhost_catalog` decides what parity compares with."""
    server = project.venue()
    project.pytester.copy_example("own_catalog")

    result = project.run("-m", "parity", "--venue=acme", "-k", "base_url_parity")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["  providers *https://api.acme.example/v1/chat/completions  <- *"])
    result.stdout.fnmatch_lines(["  catalog *https://config.acme.example"])
    assert server.log == ()


def test_an_autouse_fixture_runs_for_check_items(project):
    """A team's set-up reaches the plugin's items as it reaches tests."""
    project.venue()
    project.pytester.makeconftest(
        """
        import pathlib, pytest

        @pytest.fixture(autouse=True)
        def noted(request):
            with pathlib.Path("noted.txt").open("a") as file:
                file.write(request.node.name + "\\n")
        """
    )

    project.run(*LIVE, "-k", "chat_shape or refused_key")

    assert (project.path / "noted.txt").read_text().split() == ["refused_key[live]", "chat_shape[live]"]


def test_an_own_check_and_its_probe_are_in_plan_cap_and_report(project):
    """They become an item; the call is shown beforehand, counted for the cap, and recorded."""
    server = project.venue(models=("a/one", "a/two"))
    project.pytester.copy_example("own_checks")

    plan = project.run(*LIVE, "-k", "no_code_fence", "--darkhost-plan").stdout.str()
    assert (plan.count("bare_json[1]"), "total: 2 calls" in plan, server.log) == (2, True, ())
    capped = project.run(*LIVE, "-k", "no_code_fence", "--darkhost-max-cost=0")
    assert (capped.ret, project.verdicts()["no_code_fence[live]"], server.log) == (1, "cost_cap", ())
    result = project.run(*LIVE, "-k", "no_code_fence", "-v")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["venue_specs/acme.yaml::two-acme::no_code_fence?live? PASSED*"])
    assert len(server.log) == 2
    assert "Reply with a JSON object" in server.log[0].json["messages"][0]["content"]
    probe = objects(project)["no_code_fence[live]"]["probes"][0]
    assert probe["probe"].endswith("/bare_json[1]")
    assert float(probe["cost_usd"]) > 0


def test_an_own_check_fails_like_a_standard_one(project):
    """One line at the spec's line, with the command that repeats it."""
    project.venue(fault=Fault.NULL_CONTENT)
    project.pytester.makeconftest(
        """
        from pytest_darkhost import Check, Failed

        def pytest_darkhost_checks():
            return (Check(f"own_{n}", lambda case: Failed("this", "that")) for n in range(2))
        """
    )

    result = project.run(*LIVE, "-k", "own_1")

    assert result.ret == 1
    result.stdout.re_match_lines([r"venue_specs/acme\.yaml:\d+: plain-1-acme own_1: that, expected this"])
    result.stdout.fnmatch_lines(["  again: pytest -m live 'venue_specs/acme.yaml::plain-1-acme::own_1?live?'"])


def test_a_judge_that_raises_shows_its_own_traceback(project):
    """A fault of the team's code is pytest's to show; the other items go on."""
    project.venue()
    project.pytester.makeconftest(
        """
        from pytest_darkhost import Check

        def broken(case):
            return case.observations["cold"][7]

        def pytest_darkhost_checks():
            return [Check("own", broken, needs=("cold",))]
        """
    )

    result = project.run(*LIVE)

    assert result.ret == 1
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*return case.observations*", "E *IndexError: *", "conftest.py:4: IndexError"])
    result.stdout.fnmatch_lines(["plain-1-acme *failed: own"])
    assert objects(project)["own[live]"]["actual"].startswith("it broke: IndexError: ")
    assert "INTERNALERROR" not in result.stdout.str()


def test_items_that_a_fixture_skips_prove_nothing(project):
    """A team's own skip is not judged, so the run does not exit with 0."""
    project.venue()
    project.pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(autouse=True)
        def not_today():
            pytest.skip("not today")
        """
    )

    result = project.run(*LIVE)

    assert result.ret == 1
    assert set(project.verdicts().values()) == {"skipped"}
    result.stdout.fnmatch_lines(["NOT JUDGED venue_specs/acme.yaml::model_listed?live?: skipped: not today"])


def test_a_judge_that_returns_no_verdict_is_an_error(project):
    """A check that concludes nothing has not passed."""
    project.venue()
    project.pytester.makeconftest(
        """
        from pytest_darkhost import Check

        def pytest_darkhost_checks():
            return [Check("own", lambda case: True)]
        """
    )

    result = project.run(*LIVE, "-k", "own and not unknown")

    assert result.ret == 1
    assert "plain-1-acme own: a bool, expected Passed, Failed or NotJudged" in result.stdout.str()
    assert project.verdicts()["own[live]"] == "failed"
    assert "INTERNALERROR" not in result.stdout.str()


CHECK = "Check({}, lambda case: Passed(), {})"
PROBE = "ProbeTemplate({}, request{})"
MISTAKES = {
    "a standard check's name": (
        "checks",
        CHECK.format("'usage'", ""),
        "check 'usage': the name is taken by",
    ),
    "a name twice": (
        "checks",
        f"{CHECK.format(repr('own'), '')}, {CHECK.format(repr('own'), '')}",
        "check 'own': the name is taken by a check of conftest.py:",
    ),
    "no name": ("checks", CHECK.format("'a::b'", ""), "check 'a::b': expected a name of letters"),
    "an unknown probe": ("checks", CHECK.format("'own'", "('clod',)"), "check 'own': 'clod' is no probe, expected one"),
    "a venue's probe for a target": (
        "checks",
        CHECK.format("'own'", "('model_list',)"),
        "check 'own': 'model_list' is no probe, expected one of cold",
    ),
    "a target's probe for a venue": (
        "checks",
        CHECK.format("'own'", "('cold',), Scope.VENUE"),
        "check 'own': 'cold' is no probe, expected one of model_list, refused_key",
    ),
    "a text for a tuple": ("checks", CHECK.format("'own'", "'cold'"), "needs is 'cold', expected a tuple"),
    "needs of nothing": ("checks", CHECK.format("'own'", "None"), "needs is None, expected a tuple"),
    "no judge": ("checks", "Check('own', None)", "judge is None, expected a function"),
    "no scope": ("checks", CHECK.format("'own'", "(), 'each'"), "scope is 'each', expected a Scope"),
    "no source": ("checks", CHECK.format("'own'", "sources=('live?',)"), "sources is ('live?',), expected a tuple"),
    "no capability": ("checks", CHECK.format("'own'", "capability='fly'"), "capability is 'fly', expected a Cap"),
    "not a check": ("checks", "'usage'", "pytest_darkhost_checks: an item of type str, expected Check"),
    "a standard probe's name": ("probes", PROBE.format("'cold'", ""), "probe 'cold': the name is taken by a standard"),
    "a probe twice": (
        "probes",
        f"{PROBE.format(repr('own'), '')}, {PROBE.format(repr('own'), '')}",
        "probe 'own': the name is taken by a probe of conftest.py:",
    ),
    "not a probe": ("probes", "7", "pytest_darkhost_probes: an item of type int, expected ProbeTemplate"),
    "no request": ("probes", "ProbeTemplate('own', {})", "request is {}, expected a function"),
    "no samples": ("probes", PROBE.format("'own'", ", samples=3"), "samples is 3, expected a function"),
    "no key": ("probes", PROBE.format("'own'", ", key='mine'"), "key is 'mine', expected a Key"),
    "a request that raises": (
        "probes",
        "ProbeTemplate('own', lambda venue, model, nonce: {}[model.slug])",
        "probe 'own': KeyError: 'plain-1-acme', expected a ChatRequest",
    ),
    "a request that is none": (
        "probes",
        "ProbeTemplate('own', lambda venue, model, nonce: 'hello')",
        "probe 'own': AttributeError: 'str' object has no attribute",
    ),
    "a body that is not JSON": (
        "probes",
        "ProbeTemplate('own', lambda v, m, n: ChatRequest(m.upstream_model, n, 8, extra_body={'x': object()}))",
        "probe 'own': TypeError: Object of type object is not JSON serializable",
    ),
}


@pytest.mark.parametrize(("hook", "items", "said"), MISTAKES.values(), ids=MISTAKES)
def test_what_a_hook_offers_wrongly_is_a_usage_error(project, hook, items, said):
    """One line that names the place, exit 4, no traceback, nothing sent."""
    server = project.venue()
    project.pytester.makeconftest(
        f"""
        from pytest_darkhost import ChatRequest, Check, Passed, ProbeTemplate, Scope

        def request(venue, model, nonce):
            return ChatRequest(model.upstream_model, nonce, 8)

        def pytest_darkhost_{hook}():
            return [{items}]
        """
    )

    result = project.run(*LIVE)

    lines = [line for line in result.stderr.str().splitlines() if line.strip()]
    assert (result.ret, len(lines), server.log) == (4, 1, ())
    assert lines[0].startswith("ERROR: conftest.py:")
    assert said in lines[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 7", "TypeError: 'int' object is not iterable, expected a list of Check"),
        ("raise RuntimeError('not today')", "RuntimeError: not today, expected a list of Check"),
        ("yield from [1 / 0]", "ZeroDivisionError: division by zero, expected a list of Check"),
    ],
    ids=["no list", "raises", "raises late"],
)
def test_a_hook_that_fails_is_a_usage_error(project, body, said):
    """Without `-m live` too: the items could not be collected."""
    project.venue()
    project.pytester.makeconftest(f"def pytest_darkhost_checks():\n    {body}")

    result = project.run("--collect-only")

    assert result.ret == 4
    assert result.stderr.str().strip() == f"ERROR: conftest.py:1: pytest_darkhost_checks: {said}"


def test_a_hook_that_offers_nothing_is_fine(project):
    """`None` means none."""
    project.venue()
    project.pytester.makeconftest("def pytest_darkhost_checks(): pass\ndef pytest_darkhost_probes(): pass")

    assert project.run(*LIVE, "-k", "latency_cold").ret == 0


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_hook_that_is_found_too_late_is_refused(project, workers):
    """A conftest.py that pytest loads while it collects cannot be left out in silence: nothing is sent."""
    server = project.venue()
    (project.specs / "conftest.py").write_text("def pytest_darkhost_checks():\n    return []\n")

    result = project.run(*LIVE, *workers)

    text = result.stdout.str() + result.stderr.str()
    assert result.ret != 0
    assert "venue_specs/conftest.py:1: pytest_darkhost_checks: loaded while collecting" in text
    assert "INTERNALERROR" not in text
    assert "Traceback" not in text
    assert server.log == ()


def test_workers_share_the_calls_of_own_tests_and_checks(project):
    """Under pytest-xdist the plan is the same, and no probe is sent twice."""
    server = project.venue()
    project.pytester.copy_example("own_tests")
    project.pytester.copy_example("own_checks")

    result = project.run(*LIVE, "-n", "2")

    assert result.ret == 0
    assert len({json.dumps(seen.json) for seen in server.log}) == len(server.log)
