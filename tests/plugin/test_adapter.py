"""The team's production adapter: the plugin's probes go through it, and the wire is still what is judged."""

from pathlib import Path

# Loaded here, because a run in this process forgets what it has imported itself.
import anthropic  # noqa: F401
import httpx2  # noqa: F401
import openai  # noqa: F401
import pytest

from support.asked import Kind
from support.faults import Fault
from support.keys import KEY

LIVE = ("-m", "live", "--venue=acme")
EXAMPLES = Path(__file__).parents[1] / "examples"
EACH = pytest.mark.parametrize(
    ("example", "profile"),
    [("adapter_openai", "openai-plain"), ("adapter_anthropic", "anthropic"), ("adapter_httpx", "openai-plain")],
    ids=["openai", "anthropic", "httpx"],
)


def use(project, example, *changes):
    """Write an example's conftest.py into the project, with each (old, new) text replaced."""
    text = (EXAMPLES / example / "conftest.py").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    project.pytester.makeconftest(text)


def hook(project, *body):
    """Write a conftest.py whose hook has this body."""
    lines = ["import os, urllib.request", "def pytest_darkhost_adapter(venue, http_client):"]
    project.pytester.makeconftest("\n".join((*lines, *(f"    {line}" for line in body))))


def of(project, name):
    """Return the `darkhost` object of the check of a name."""
    found = [t["metadata"]["darkhost"] for t in project.report["tests"] if t["nodeid"].endswith(f"::{name}[live]")]
    assert len(found) == 1
    return found[0]


def assert_clean(project, result):
    """Fail when the terminal or a file that the run left shows six characters of the canary in a row."""
    secret = KEY.removeprefix("sk-canary-")
    parts = [secret[start : start + 6] for start in range(len(secret) - 5)]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in project.files()]
    assert not [part for text in (*texts, result.stdout.str(), result.stderr.str()) for part in parts if part in text]


@pytest.mark.parametrize("page", ["own-tests.md", "adapter.md"])
def test_the_docs_show_the_examples_as_they_are(page):
    """Each fenced block of Python stands in an example file, indentation aside."""

    def flat(text):
        return "\n".join(line.strip() for line in text.splitlines())

    sources = [flat(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*/*.py"))]
    text = (EXAMPLES.parents[1] / "docs" / page).read_text(encoding="utf-8")
    blocks = [flat(block.partition("```")[0]).strip() for block in text.split("```python\n")[1:]]
    assert blocks
    assert [block for block in blocks if not any(block in source for source in sources)] == []


@EACH
def test_a_healthy_venue_passes_through_an_adapter(project, example, profile):
    """All checks pass, each probe is one request, and it is the adapter's client that sent it."""
    server = project.venue(profile=profile, delay_ms=20, token_gap_ms=10)
    project.pytester.copy_example(example)

    result = project.run(*LIVE)

    assert result.ret == 0
    assert set(project.verdicts().values()) <= {"passed", "not_applicable", "client_busy", "too_few_samples"}
    assert len(server.log) == project.report["darkhost"]["calls"]
    chats = [seen for seen in server.log if seen.method == "POST" and seen.key_ok]
    agents = {seen.headers["user-agent"].partition("/")[0] for seen in chats}
    word = {"adapter_openai": "AsyncOpenAI", "adapter_anthropic": "AsyncAnthropic", "adapter_httpx": "python-httpx"}
    assert agents == {word[example]}
    assert {seen.kind for seen in chats} >= {Kind.CHAT, Kind.STREAM, Kind.TOOL, Kind.TOOL_STREAM, Kind.UNKNOWN_MODEL}


@EACH
def test_times_and_tokens_are_measured_through_an_adapter(project, example, profile):
    """The first token is seen on the wire, not where the SDK hands it out; warm goes over cold's connection."""
    server = project.venue(profile=profile)
    project.pytester.copy_example(example)

    project.run(*LIVE, "-k", "ttft or latency_warm")

    assert of(project, "ttft")["figures"]["median_ms"] > 0
    assert [probe["connection_fresh"] for probe in of(project, "latency_warm")["probes"]] == [True, False]
    assert len(server.log) == 3


def test_an_adapter_that_asks_another_host_fails_parity_alone(project):
    """A green smoke of the wrong host: spec, providers row and wire are shown, and everything else passes."""
    server, other = project.venue(), project.venue("other")
    use(project, "adapter_openai", ('venue.base_url + "/v1"', f'"{other.base_url}/v1"'))
    with (project.path / "conftest.py").open("a") as file:
        file.write(
            "\n\nimport pytest\n"
            "from pytest_darkhost import Catalog, CatalogSource, ProviderRow\n\n"
            "@pytest.fixture(scope='session')\n"
            "def darkhost_catalog():\n"
            f"    row = ProviderRow('acme', {server.base_url!r})\n"
            "    return Catalog(CatalogSource.DATABASE, 'composed', None, (row,), ())\n"
        )

    result = project.run(*LIVE)

    assert [name for name, verdict in project.verdicts().items() if verdict == "failed"] == ["base_url_parity[live]"]
    context = of(project, "base_url_parity")["context"]
    assert context["spec"] == context["providers"] == f"{server.base_url}/v1/chat/completions"
    assert context["on the wire"].startswith(f"{other.base_url}/v1/chat/completions  <- port differs")
    assert result.ret == 1


def test_a_doubled_version_segment_of_an_adapter_is_found(project):
    """An adapter that appends /v1 to a base URL which has it already."""
    server = project.venue()
    use(project, "adapter_openai", ('+ "/v1"', '+ "/v1/v1"'))

    result = project.run(*LIVE, "-k", "base_url_parity")

    assert result.ret == 1
    assert "/v1/v1/chat/completions" in of(project, "base_url_parity")["context"]["on the wire"]
    assert len(server.log) == 1


def test_a_hidden_retry_of_an_sdk_is_an_error(project):
    """The retry that would have hidden a 500 is not sent, and the checks of this call fail for it."""
    server = project.venue(fault=Fault.SERVER_ERROR, times=1, on=frozenset({Kind.CHAT}))
    use(project, "adapter_openai", ("max_retries=0", "max_retries=2"))

    result = project.run(*LIVE, "-k", "latency_cold")

    assert (result.ret, len(server.log)) == (1, 1)
    assert "a second request within one probe, expected exactly one" in of(project, "latency_cold")["actual"]
    result.stdout.re_match_lines([r"venue_specs/acme\.yaml:\d+: plain-1-acme latency_cold: adapter: AdapterError: .*"])


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, None], ids=["after a 429", "after an answer"])
def test_a_hidden_retry_of_the_adapters_own_is_an_error(project, fault):
    """Also when rate limits are accepted as a reason not to judge, and when the first answer was good."""
    server = project.venue(fault=fault, times=1, on=frozenset({Kind.CHAT}))
    project.ini("darkhost_accept_not_judged = rate_limited")
    old = "        response = await http_client.post(url, headers=headers, json=body(request))\n"
    use(project, "adapter_httpx", (old, old + old))

    result = project.run(*LIVE, "-k", "latency_cold or refused_key")

    assert result.ret == 1
    assert project.verdicts() == {"refused_key[live]": "passed", "latency_cold[live]": "failed"}
    assert len(server.log) == 2


def test_an_adapter_that_goes_round_the_client_is_not_judged(project):
    """What no observed library sent has no URL, time or answer: never a pass, and the run does not exit with 0."""
    server = project.venue()
    hook(
        project,
        "async def adapter(request):",
        '    body = b\'{"model": "plain-1", "messages": [{"role": "user", "content": "hi"}]}\'',
        "    headers = {'authorization': 'Bearer ' + os.environ['DARKHOST_TEST_KEY']}",
        "    asked = urllib.request.Request(venue.base_url + '/v1/chat/completions', body, headers)",
        "    with urllib.request.urlopen(asked) as response:",
        "        return response.read()",
        "return adapter",
    )

    result = project.run(*LIVE, "-k", "chat_shape or latency_cold or cost")

    assert result.ret == 1
    assert set(project.verdicts().values()) == {"wire_unseen"}
    assert any(seen.key_ok for seen in server.log)


def test_an_adapter_that_sends_nothing_is_not_judged(project):
    """An adapter that answers from memory proves nothing."""
    server = project.venue()
    hook(project, "async def adapter(request):", "    return {'choices': []}", "return adapter")

    result = project.run(*LIVE, "-k", "usage or unknown_model")

    assert (result.ret, server.log) == (1, ())
    assert set(project.verdicts().values()) == {"wire_unseen"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            ["async def adapter(request):", "    raise ValueError('no such\\n  model')", "return adapter"],
            "adapter: ValueError: no such model",
        ),
        (["return lambda request: 'an answer'"], "adapter: TypeError: object str can't be used in 'await' expression"),
        (["return 7"], "adapter: AdapterError: pytest_darkhost_adapter: a int, expected a function of a ChatRequest"),
        (
            ["raise KeyError('ACME')"],
            "adapter: AdapterError: pytest_darkhost_adapter: conftest.py:3: KeyError: 'ACME'",
        ),
        (
            ["import pytest", "pytest.skip('not today')"],
            "adapter: AdapterError: pytest_darkhost_adapter: outcomes.py:",
        ),
    ],
    ids=["raises", "is not asynchronous", "is no function", "its hook raises", "its hook skips"],
)
def test_an_adapter_that_breaks_before_it_sends_fails_in_one_line(project, body, said):
    """No traceback of ours, the venue's own probes go on, and nothing hangs."""
    server = project.venue()
    hook(project, *body)

    result = project.run(*LIVE, "-k", "latency_cold or refused_key")

    assert result.ret == 1
    assert project.verdicts() == {"refused_key[live]": "passed", "latency_cold[live]": "failed"}
    assert said in of(project, "latency_cold")["actual"]
    assert "Traceback" not in result.stdout.str()
    assert [seen.kind for seen in server.log] == [Kind.REFUSED_KEY]


def test_a_stream_that_an_adapter_leaves_halfway_is_seen_to_its_end(project):
    """The wire is read on, so that the figures are the venue's and not the adapter's."""
    project.venue()
    use(project, "adapter_httpx", ("                yield line", "                yield line\n                break"))

    result = project.run(*LIVE, "-k", "stream_terminates or throughput or usage")

    assert result.ret == 0
    (probe,) = of(project, "stream_terminates")["probes"]
    assert (probe["stream_end"], probe["adapter_problem"]) == ("complete", None)


def test_an_adapter_that_breaks_within_a_stream_fails_its_shape(project):
    """What the adapter could not do with a good stream is a failure in one line."""
    project.venue()
    after = "                yield line\n                raise RuntimeError('what is this')"
    use(project, "adapter_httpx", ("                yield line", after))

    result = project.run(*LIVE, "-k", "stream_shape or latency_cold")

    assert result.ret == 1
    assert project.verdicts() == {"stream_shape[live]": "failed", "latency_cold[live]": "passed"}
    assert of(project, "stream_shape")["actual"] == "the adapter: RuntimeError: what is this"


def test_a_model_that_does_not_fit_is_a_failure_in_one_line(project):
    """Pydantic's many lines about a good answer become one."""
    project.venue()
    model = "\n\nclass Answer(pydantic.BaseModel):\n    identity: str\n\n\ndef body(request"
    use(
        project,
        "adapter_httpx",
        ("import httpx\n", "import httpx\nimport pydantic\n"),
        ("def body(request", model.lstrip("\n")),
        ("return response.raise_for_status().json()", "return Answer.model_validate(response.json())"),
    )

    result = project.run(*LIVE, "-k", "chat_shape")

    assert result.ret == 1
    said = of(project, "chat_shape")["actual"]
    assert "the adapter: ValidationError: 1 validation error for Answer identity Field required" in said
    assert "\n" not in said


def test_an_error_that_the_sdk_only_repeats_is_told_once(project):
    """The venue's own 500 is what failed, not the exception that the SDK made of it."""
    project.venue(fault=Fault.SERVER_ERROR)
    project.pytester.copy_example("adapter_openai")

    project.run(*LIVE, "-k", "latency_cold")

    data = of(project, "latency_cold")
    assert data["actual"].startswith("server_error: ")
    assert data["probes"][0]["adapter_problem"] is None


def test_an_adapter_for_one_venue_leaves_the_others_alone(project):
    """Where the hook returns nothing, the plugin sends its own requests."""
    mine, other = project.venue(), project.venue("other", "anthropic")
    project.pytester.copy_example("adapter_openai")

    assert project.run("-m", "live", "--venue=acme,other", "-k", "latency_cold").ret == 0

    assert mine.log[0].headers["user-agent"].startswith("AsyncOpenAI")
    assert other.log[0].headers["user-agent"].startswith("pytest-darkhost")


@EACH
@pytest.mark.parametrize("fault", [None, Fault.KEY_ECHOED], ids=str)
def test_the_key_is_nowhere_with_an_adapter(project, example, profile, fault):
    """The SDKs log requests and raise what a venue says; no output shows the key that they were given."""
    project.venue(profile=profile, fault=fault)
    project.pytester.copy_example(example)
    loud = ("-vv", "--showlocals", "--tb=long", "-o", "log_cli=true", "--log-level=DEBUG", "--log-file=run.log", "-rA")

    result = project.run(*LIVE, *loud, "--junitxml=junit.xml")

    assert (project.path / "run.log").stat().st_size > 1000
    assert_clean(project, result)


def test_the_key_in_an_adapters_own_exception_is_redacted(project):
    """Production code that puts its key into an error does not put it into a report."""
    project.venue()
    hook(project, "raise RuntimeError('key ' + os.environ['DARKHOST_TEST_KEY'])")

    result = project.run(*LIVE, "-vv", "--tb=long", "--junitxml=junit.xml")

    assert "RuntimeError: key [redacted]" in result.stdout.str()
    assert_clean(project, result)


@pytest.mark.parametrize(
    ("example", "profile"), [("adapter_openai", "openai-plain"), ("adapter_anthropic", "anthropic")]
)
def test_an_sdk_is_judged_in_a_process_of_its_own(project, example, profile):
    """What an SDK loads at its first call is small against the time of a call, here 20 ms."""
    project.venue(profile=profile, delay_ms=20, token_gap_ms=10)
    project.pytester.copy_example(example)

    result = project.run_apart(*LIVE)

    assert set(project.verdicts().values()) <= {"passed", "not_applicable", "client_busy", "too_few_samples"}
    assert result.ret == 0


@pytest.mark.parametrize("place", ["        response = await http", "        return response.raise"])
def test_what_an_adapter_does_around_its_request_is_part_of_no_time(project, place):
    """Making a request and reading its answer may block our loop: no clock runs then, and the client is not busy."""
    project.venue()
    use(
        project,
        "adapter_httpx",
        ("import os\n", "import os\nimport time\n"),
        (place, f"        time.sleep(2)\n{place}"),
    )

    project.run(*LIVE, "-k", "latency_cold")

    data = of(project, "latency_cold")
    assert data["figures"]["median_ms"] < 1500
    assert data["probes"][0]["loop_lag_ms"] < 1500
