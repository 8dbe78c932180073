"""`env.py` is run as Alembic runs it, with its code read once."""

from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory

from migrations.trips.histories import HistoryFiles
from pytest_darkhost.migrations import env_script as module
from pytest_darkhost.migrations.env_script import env_script

SHOWN = ("__name__", "__file__", "__cached__", "__package__", "__doc__")


def loaded(files: HistoryFiles) -> ScriptDirectory:
    """Return the scripts of a history of one revision."""
    files.add("1", None)
    return files.load().place.script


def seen(files: HistoryFiles, monkeypatch: Any) -> list[dict[str, Any]]:
    """Return what `env.py` says of itself when Alembic runs it, and when we run it twice."""
    said: list[dict[str, Any]] = []
    monkeypatch.setattr("builtins.said_by_env", said, raising=False)
    (files.path / "migrations/env.py").write_text('"""Doc."""\nsaid_by_env.append(globals())\n', encoding="utf-8")
    script = loaded(files)
    script.run_env()
    run = env_script(script)
    run()
    run()
    return said


def test_it_is_the_same_module_as_under_alembic(files: HistoryFiles, monkeypatch: Any) -> None:
    """Its name, file and byte code are those that Alembic gives it, and each run has a module of its own."""
    theirs, first, second = seen(files, monkeypatch)
    for name in SHOWN:
        assert first[name] == second[name] == theirs[name]
    assert first["__spec__"].origin == theirs["__spec__"].origin
    assert first is not second


def test_its_code_is_read_once(files: HistoryFiles, monkeypatch: Any) -> None:
    """However often it is run."""
    read: list[str] = []
    original = module.SourceFileLoader.get_data

    def get_data(self: Any, path: str) -> bytes:
        read.append(path)
        return original(self, path)

    monkeypatch.setattr(module.SourceFileLoader, "get_data", get_data)
    run = env_script(loaded(files))
    (files.path / "migrations/env.py").write_text("", encoding="utf-8")
    read.clear()
    for _ in range(3):
        run()
    assert [path for path in read if Path(path).name.startswith("env.")] == read
    assert len(read) == len(set(read))


def test_an_env_without_a_source_is_left_to_alembic(files: HistoryFiles) -> None:
    """It finds byte code by rules of its own, and says where there is none."""
    script = loaded(files)
    (files.path / "migrations/env.py").unlink()
    assert env_script(script) == script.run_env
