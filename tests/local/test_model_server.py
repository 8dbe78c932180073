"""The embedded venue's command: what it refuses to start with, how it ends, and what it really serves."""

import asyncio
import http.client
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.local import model_server
from pytest_darkhost.local.model_file import model_path
from pytest_darkhost.runner.managed import ManagedProcess, ManagedVenue
from pytest_darkhost.specs.access import Serve

ALIAS = model_server.ALIAS
SERVE = Serve(
    id="smollm2",
    command=("{python}", "-m", "pytest_darkhost.local.model_server", "--port", "{port}"),
    environment={"DARKHOST_SERVE_KEY": "{key}"},
)
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "population": {"type": "integer"}},
    "required": ["city", "population"],
    "additionalProperties": False,
}


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    command = [sys.executable, "-m", "pytest_darkhost.local.model_server", *arguments]
    outer = {name: value for name, value in os.environ.items() if name != "DARKHOST_SERVE_KEY"}
    return subprocess.run(command, env=outer | environment, capture_output=True, text=True, timeout=20, check=False)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `main` run within this process: it may neither change its signals nor watch its input."""
    monkeypatch.setattr(model_server.signal, "signal", lambda *_: None)
    monkeypatch.setattr(model_server, "end_with_parent", lambda: None)
    monkeypatch.setenv("DARKHOST_SERVE_KEY", "composed-key")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("key", ["", "  "])
def test_no_key(key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key it does not start: llama.cpp would serve anybody."""
    monkeypatch.setenv("DARKHOST_SERVE_KEY", key)
    assert model_server.main(["--port", "18999"]) == 1
    expected = "model server: DARKHOST_SERVE_KEY: it is not set, expected the key that the server asks for\n"
    assert capsys.readouterr().err == expected


def test_no_model(tmp_path: Path) -> None:
    """Without the model's file it says how to get it, and fetches nothing."""
    done = run("--port", "18999", DARKHOST_SERVE_KEY="composed-key", DARKHOST_CACHE_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"model server: {tmp_path}/SmolLM2")
    assert done.stderr.endswith("Type `python -m pytest_darkhost.local.model_file` first\n")
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("in_process")
def test_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the extra `[local]` it says what to type."""
    monkeypatch.setenv("DARKHOST_CACHE_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    model_path().touch()
    assert model_server.main(["--port", "18999"]) == 1
    assert capsys.readouterr().err.startswith("model server: type `pip install 'pytest-darkhost[local]'`: ")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "٣"])
def test_bad_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that cannot be listened on is refused before anything is loaded."""
    with pytest.raises(SystemExit) as caught:
        model_server.main([f"--port={port}"])
    assert caught.value.code == 2
    assert "is not a port, expected a number from 1 to 65535" in capsys.readouterr().err


WAITING = """
import sys, time
from pytest_darkhost.local.model_server import end_with_parent
end_with_parent()
print("waiting", flush=True)
time.sleep(float(sys.argv[1]))
"""


def test_ends_when_its_input_ends() -> None:
    """When whoever holds the other end of the pipe is gone, the process ends by itself."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", WAITING, "60"], stdin=pipe, stdout=pipe) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == b"waiting\n"
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(5) < 0


def test_runs_by_hand_without_input() -> None:
    """Started by hand in the background, with no pipe as its input, it stays."""
    command = [sys.executable, "-c", WAITING, "0.1"]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagedVenue]:
    """The real model, served for this module; skipped where it or its server is not installed."""
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: the extra `[local]` brings it")
    if not model_path().is_file():
        pytest.skip(f"{model_path()} is not there: `python -m pytest_darkhost.local.model_file` fetches it")
    process = ManagedProcess(SERVE, log_directory=tmp_path_factory.mktemp("log"))
    with asyncio.Runner() as runner:
        yield runner.run(process.start())
        runner.run(process.stop())


def ask(venue: ManagedVenue, path: str, body: dict[str, Any] | None, key: str | None = None) -> tuple[int, str]:
    """Return status and body of one request, with the venue's own key in the dialect's header unless told another."""
    sent = venue.key.reveal() if key is None else key
    headers = {"x-api-key": sent} if path == "/v1/messages" else {"Authorization": f"Bearer {sent}"}
    connection = http.client.HTTPConnection("127.0.0.1", venue.port, timeout=20)
    try:
        connection.request("GET" if body is None else "POST", path, body and json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def chat(**changes: Any) -> dict[str, Any]:
    """Return the body of a small chat request of either dialect."""
    messages = [{"role": "user", "content": "Name one city and its population."}]
    return {"model": ALIAS, "messages": messages, "max_tokens": 12, "temperature": 0, **changes}


def events(body: str) -> list[dict[str, Any]]:
    """Return the JSON payloads of a stream."""
    lines = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def test_model_is_listed(venue: ManagedVenue) -> None:
    """The name that specs and catalog use is the one that the server lists."""
    status, text = ask(venue, "/v1/models", None)
    assert (status, [row["id"] for row in json.loads(text)["data"]]) == (200, [ALIAS])


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_answers_with_its_alias(path: str, venue: ManagedVenue) -> None:
    """Both dialects answer a chat and say which model it was."""
    status, text = ask(venue, path, chat())
    assert (status, json.loads(text)["model"]) == (200, ALIAS)


@pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions", "/v1/messages"])
def test_refused_key(venue: ManagedVenue, path: str) -> None:
    """Every route asks for the key, in both dialects."""
    status, text = ask(venue, path, None if path == "/v1/models" else chat(), key="composed-wrong-key")
    assert status == 401
    assert json.loads(text)["error"]["type"] == "authentication_error"


def test_openai_stream(venue: ManagedVenue) -> None:
    """Tokens come in chunks, then a finish reason, then the usage, then the terminator."""
    status, text = ask(venue, "/v1/chat/completions", chat(stream=True, stream_options={"include_usage": True}))
    chunks = events(text)
    assert status == 200
    assert text.endswith("data: [DONE]\n\n")
    assert chunks[-2]["choices"][0]["finish_reason"] == "length"
    assert chunks[-1]["usage"]["completion_tokens"] == 12
    assert len(chunks) >= 12


def test_anthropic_stream(venue: ManagedVenue) -> None:
    """The same process speaks Messages: input tokens at the start, output tokens at the end."""
    status, text = ask(venue, "/v1/messages", chat(stream=True))
    chunks = events(text)
    assert status == 200
    assert chunks[0]["message"]["usage"]["input_tokens"] > 0
    assert chunks[-2]["usage"]["output_tokens"] == 12
    assert chunks[-1]["type"] == "message_stop"


def test_structured_answer_follows_its_schema(venue: ManagedVenue) -> None:
    """llama.cpp constrains the answer to the schema, so that even this small model gives valid JSON."""
    wanted = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": SCHEMA}}
    status, text = ask(venue, "/v1/chat/completions", chat(response_format=wanted, max_tokens=128))
    answer = json.loads(json.loads(text)["choices"][0]["message"]["content"])
    assert status == 200
    assert sorted(answer) == ["city", "population"]
    assert isinstance(answer["population"], int)


def test_unknown_model_is_answered(venue: ManagedVenue) -> None:
    """The quirk that the shipped spec declares: any model name is answered."""
    assert ask(venue, "/v1/chat/completions", chat(model="no-such-model"))[0] == 200


def test_key_is_not_in_the_arguments(venue: ManagedVenue) -> None:
    """The list of processes shows no key."""
    shown = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True).stdout
    assert f"pytest_darkhost.local.model_server --port {venue.port}" in shown
    assert venue.key.reveal() not in shown


def test_port_in_use(venue: ManagedVenue) -> None:
    """A second server on the same port ends with one line of ours after llama.cpp's own."""
    done = run("--port", str(venue.port), DARKHOST_SERVE_KEY="composed-key")
    assert done.returncode == 1
    assert f"model server: 127.0.0.1:{venue.port}: llama.cpp did not start" in done.stderr
    assert "Traceback" not in done.stderr
