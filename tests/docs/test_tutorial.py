"""The tutorial can be typed: its commands run in an empty directory, against the real local model."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/tutorial.md").read_text(encoding="utf-8")
LEFT_OUT = "…"
REFUSED = {
    "pytest": 1,
    "pytest -k ttft": 1,
    "pytest -m live --venue=local --darkhost-evidence=evidence --darkhost-key=../darkhost.pem": 4,
}
"""What the page says of exit codes: of `pytest` the first time, when there is no cassette."""
OF_THE_SURROUNDINGS = ("CI", "GITHUB_ACTIONS", "BUILD_NUMBER", "NO_COLOR", "FORCE_COLOR", "PY_COLORS")


def steps():
    """Return the commands of the page in their order, each with the lines that it shows below."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    return found


def bare(line):
    """Return a line without what differs from run to run: figures, digests, widths and which check was skipped."""
    line = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{12,}\b|\d[\d.]*", "#", line)
    line = re.sub(r"(=|_){2,}", "=", " ".join(line.split()))
    line = re.sub(r"(\.yaml) [.sF]+ ", r"\1 ~ ", line)
    return line.split()[0] if "(n=#)" in line else line


def typed(commands, place, environment):
    """Run commands in one shell, as somebody types them; return what each printed, and its exit code."""
    mark = "@@ exit code"
    script = "\n".join(f"{command}\necho '{mark}' $?" for command in commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    printed, *codes = re.split(rf"^{mark} (\d+)\n", done.stdout, flags=re.MULTILINE)
    return list(zip([printed, *codes[1::2]], map(int, codes[0::2]), strict=False))


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """The environment of a newcomer with this package installed, and with a name for git."""
    for name in (*os.environ,):
        if name in OF_THE_SURROUNDINGS or name.startswith(("PYTEST_", "DARKHOST_OPERATOR", "DARKHOST_KEY", "GIT_")):
            monkeypatch.delenv(name)
    who = {f"GIT_{role}_{what}": "a@b.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    # What a busy machine could not judge is not what the page is about.
    lenient = "-o 'darkhost_accept_not_judged=client_busy too_few_samples' -p no:cacheprovider"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | who | {"PATH": path, "COLUMNS": "100", "PYTEST_ADDOPTS": lenient}


def test_the_tutorial_does_what_it_shows(tmp_path, environment):
    """Each command ends as the page says, and each line that the page shows is printed, in this order."""
    commands = [command for command, _ in steps()]
    refused = dict(REFUSED)
    results = typed(commands, tmp_path, environment)

    assert len(results) == len(commands) > 12
    for (command, lines), (printed, code) in zip(steps(), results, strict=True):
        assert code == refused.pop(command, 0), f"$ {command}\n{printed}"
        if "client_busy" in printed:
            continue
        rest = iter([bare(line) for line in printed.splitlines()])
        missing = [line for line in lines if line not in ("", LEFT_OUT) and bare(line) not in rest]
        assert missing[:1] == [], f"$ {command}\n{printed}"


def test_nothing_else_is_typed():
    """Beside the commands that are run there is only the installation."""
    others = re.findall(r"```(?!console)\w*\n(.*?)```", re.sub(r"```console\n.*?```", "", PAGE, flags=re.DOTALL), re.S)

    assert [line.split()[-1] for block in others for line in block.splitlines()] == [
        "tour-env",
        "tour-env/bin/activate",
        "'pytest-darkhost[local,evidence]'",
    ]
