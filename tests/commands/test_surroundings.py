"""`darkhost` where little can be relied on: closed, full and ASCII streams, no home, no current directory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SPECS = Path(__file__).parents[2] / "venue_specs"
DARKHOST = f"{sys.executable} -m pytest_darkhost"
FULL = Path("/dev/full")
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def shell(line, place, **environment):
    """Run a line of a shell in a directory, with what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_"))}
    kept |= {"PYTHONPATH": os.pathsep.join(sys.path)} | environment
    command = ["bash", "-o", "pipefail", "-c", line]
    return subprocess.run(
        command,
        cwd=place,
        env={name: value for name, value in kept.items() if value},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("{darkhost} schema >&-", 0, ""),
        ("{darkhost} schema >&- 2>&- <&-", 0, ""),
        ("{darkhost} cassettes 2>&-", 2, ""),
        ("(sleep 0.3; {darkhost} schema) | true", 1, ""),
        ("{darkhost} key new <&-", 0, ""),
        ("mkdir gone && cd gone && rmdir ../gone && {darkhost} key new", 1, "the current directory: it was deleted"),
    ],
)
def test_streams_and_directories_that_are_gone(tmp_path, line, code, message):
    """What cannot be said is not said; nothing is a traceback, and the exit code is that of the work."""
    said = shell(line.format(darkhost=DARKHOST), tmp_path)

    assert said.returncode == code, said.stderr
    assert said.stderr.startswith(message)
    assert len(said.stderr.splitlines()) == bool(message)


@pytest.mark.skipif(not FULL.exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("command", ["schema", "--help", "doctor"])
def test_a_full_disk_is_one_line(tmp_path, command):
    """Also where Python would only find out when it ends."""
    said = shell(f"{DARKHOST} {command} > {FULL}", tmp_path)

    assert said.returncode == 1
    assert said.stderr == "darkhost: No space left on device, expected to read or write it\n"


def test_a_file_that_is_opened_does_not_get_the_number_of_a_closed_output(tmp_path):
    """A key would otherwise be mixed with what is printed."""
    said = shell(f"{DARKHOST} key new >&- && cat darkhost.pem", tmp_path)

    assert re.fullmatch(r"-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END PRIVATE KEY-----\n", said.stdout)


def test_an_ascii_locale_prints_escapes(tmp_path):
    """A name with an umlaut is found, and shown as far as the terminal can."""
    (tmp_path / "Häuser").mkdir()
    (tmp_path / "Häuser/local.yaml").write_text("venue: other\n", encoding="utf-8")
    said = shell(f"{DARKHOST} validate Häuser", tmp_path, **ASCII)

    assert said.returncode == 1
    assert re.match(r"H\S+user/local.yaml:1: ", said.stderr)
    assert said.stderr.isascii()


def test_no_home_is_needed(tmp_path):
    """A container's user may have none."""
    said = shell(f"{DARKHOST} validate {SPECS}", tmp_path, HOME="")

    assert said.returncode == 0
    assert said.stderr == ""
