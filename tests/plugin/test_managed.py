"""A managed venue: started by the plugin, probed, judged and stopped, with a key that is made up for the run."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.interrupts import PYTEST

SERVER = """
import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY, PORT = os.environ["TOY_KEY"], int(sys.argv[1])
open(f"{os.environ['TOY_DIR']}/started-{os.getpid()}", "w").close()


class Toy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    slow = float(os.environ.get("TOY_SLOW_S", "0"))

    def answer(self, status, data):
        body = json.dumps(data).encode()
        head = f"HTTP/1.1 {status} X\\r\\ncontent-type: application/json\\r\\ncontent-length: {len(body)}\\r\\n\\r\\n"
        self.wfile.write(head.encode() + body)

    def do_GET(self):
        self.answer(200, {"object": "list", "data": [{"id": "toy", "object": "model"}]})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers.get("authorization") != f"Bearer {KEY}":
            return self.answer(401, {"error": {"message": "no", "type": "auth", "code": "invalid_api_key"}})
        import time; time.sleep(self.slow)
        message = {"role": "assistant", "content": "ready"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21}
        self.answer(200, {"id": "x", "object": "chat.completion", "created": 1, "model": request["model"],
                          "choices": [choice], "usage": usage})

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Toy).serve_forever()
"""

SPEC = """
venue: {name}
dialect: openai
base_url: http://127.0.0.1:{{port}}
serve:
  id: toy
  command: ["{{python}}", toy.py, "{{port}}"]
  environment: {{TOY_KEY: "{{key}}", TOY_DIR: "{directory}"}}
  ready_path: /v1/models
  ready_timeout_ms: 15000
errors:
  refused_key: {{status: 401}}
  unknown_model: {{status: 404}}
defaults:
  capabilities: []
  quirks: {{unknown_model: answered}}
  latency_budget: {{cold_ms: 5000, warm_ms: 5000}}
models:
  - slug: toy-{name}
    upstream_model: toy
    brand: toys
    price: {{in_per_mtok_usd: 0, out_per_mtok_usd: 0, source: none, as_of: 2026-01-01}}
"""


@pytest.fixture
def toy(project):
    """A project with two managed venues that share a process."""
    (project.path / "toy.py").write_text(SERVER)
    project.specs.mkdir()
    for name in ("one", "two"):
        (project.specs / f"{name}.yaml").write_text(SPEC.format(name=name, directory=project.path))
    return project


def started(project):
    """Return the process ids of the servers that were started."""
    return [int(path.name.split("-")[1]) for path in project.path.glob("started-*")]


def alive(process_id):
    """Return whether a process exists and is not a zombie."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process_id}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_venues_with_one_id_share_a_process_that_is_stopped(toy):
    """Two venues are probed on one server, one after the other; afterwards it is gone."""
    result = toy.run("-m", "live", "--venue=one,two")

    assert result.ret == 0
    (server,) = started(toy)
    assert not alive(server)
    assert toy.report["darkhost"]["venues"] == ["one", "two"]


def test_parity_uses_the_template_of_the_port(toy):
    """The port differs in each run, so the wire is compared with the template."""
    result = toy.run("-m", "live", "--venue=one", "-k", "base_url_parity or latency_cold", "-rs")

    assert result.ret == 0
    (wire,) = {probe["url.full"] for test in toy.report["tests"] for probe in test["metadata"]["darkhost"]["probes"]}
    assert wire.startswith("http://127.0.0.1:")


def test_no_key_no_cap_and_no_catalog_are_needed(toy):
    """A venue that costs nothing asks for nothing."""
    toy.pytester.makefile(".ini", pytest="[pytest]\n")

    assert toy.run("-m", "live", "--venue=one", "-k", "latency_cold or refused_key").ret == 0


def test_workers_share_no_process_but_a_venue_is_on_one_worker(toy):
    """Under pytest-xdist the process is started once, by the worker that has its venues."""
    result = toy.run("-m", "live", "--venue=one,two", "-n", "2")

    assert result.ret == 0
    (server,) = started(toy)
    assert not alive(server)


def test_a_server_that_does_not_start_fails_each_check_in_one_line(toy):
    """The tail of its log says why; the run fails without a traceback."""
    (toy.path / "toy.py").write_text("import sys; sys.exit('no model file')")

    result = toy.run("-m", "live", "--venue=one")

    assert result.ret == 1
    assert "passed" not in toy.verdicts().values()
    assert "no model file" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_a_failing_preparation_ends_the_run(toy):
    """What the command needs could not be fetched: one text, nothing started."""
    spec = toy.specs / "one.yaml"
    spec.write_text(spec.read_text().replace("  id: toy\n", "  id: toy\n  prepare: ['{python}', -c, 'exit(3)']\n"))

    result = toy.run("-m", "live", "--venue=one")

    assert result.ret == 1
    assert started(toy) == []
    assert "prepare" in result.stdout.str() + result.stderr.str()


def test_collecting_and_planning_start_nothing(toy):
    """Only a run that sends starts a server."""
    assert toy.run("-m", "live", "--venue=one", "--collect-only").ret == 0
    assert toy.run("-m", "live", "--venue=one", "--darkhost-plan").ret == 0
    assert started(toy) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_no_server_outlives_the_run(toy, monkeypatch, how):
    """However the run ends, its server ends too."""
    monkeypatch.setenv("TOY_SLOW_S", "30")
    command = [*PYTEST, "-m", "live", "--venue=one", "-p", "no:cacheprovider"]
    process = subprocess.Popen(command, cwd=toy.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not started(toy) and time.monotonic() < deadline:
        time.sleep(0.02)
    (server,) = started(toy)

    process.send_signal(how)
    process.wait(timeout=20)
    while alive(server) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not alive(server)
