"""Where a history is, for configurations as teams keep them: beside the scripts, in a package, revisions elsewhere."""

from pathlib import Path

import pytest

from migrations.trips.histories import ENV, HistoryFiles, walking
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.drivers import url_for
from pytest_darkhost.migrations.history import load
from pytest_darkhost.migrations.ini import locate


def _ids(ini: Path, root: Path) -> list[str]:
    return [each.id for each in load(locate(ini, root), root).revisions]


def test_scripts_may_be_named_from_the_root_of_the_repository(tmp_path: Path, sqlite: Server) -> None:
    """The file lies beside its scripts, and `alembic -c app/db/alembic.ini` is started above; so are `.` and env.py."""
    env = "from pathlib import Path\nassert Path('app/db').is_dir()\nimport app_settings\n"
    files = HistoryFiles(
        tmp_path / "app/db", ini="[alembic]\nscript_location = app/db/migrations\nprepend_sys_path = .\n"
    )
    files.add("a1", None)
    (tmp_path / "app_settings.py").touch()
    (files.path / "migrations/env.py").write_text(env + (files.path / "migrations/env.py").read_text())

    assert _ids(Path("app/db/alembic.ini"), tmp_path) == ["a1"]
    place = locate(Path("app/db/alembic.ini"), tmp_path)
    assert place.start == tmp_path
    with walking(files, sqlite) as walked:
        assert walked.failed("a1") == {}


def test_an_ini_among_its_scripts_need_not_name_them(tmp_path: Path, sqlite: Server) -> None:
    """That of Flask-Migrate names no `script_location`; commands are given in the directory above."""
    env = "from pathlib import Path\nassert Path('migrations/alembic.ini').is_file()\n"
    files = HistoryFiles(tmp_path, env=env + ENV, ini="[alembic]\n", ini_name="migrations/alembic.ini")
    files.add("a1", None)

    with walking(files, sqlite) as walked:
        assert walked.failed("a1") == {}


@pytest.mark.parametrize("location", ["there/revisions", "a_package_of_revisions:revisions"], ids=["path", "package"])
def test_revisions_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    """`version_locations` names directories as seen from where `alembic` is started, or parts of packages."""
    files = HistoryFiles(tmp_path, ini=f"[alembic]\nscript_location = migrations\nversion_locations = {location}\n")
    file = files.add("a1", None)
    package = tmp_path / location.partition(":")[0].partition("/")[0]
    (package / "revisions").mkdir(parents=True)
    (package / "__init__.py").touch()
    file.rename(package / "revisions" / file.name)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(files.versions)

    assert _ids(Path("alembic.ini"), tmp_path) == ["a1"]


def test_an_env_that_speaks_of_async_engines_gets_an_async_driver(tmp_path: Path, sqlite: Server) -> None:
    """Though another module makes the engine."""
    env = tmp_path / "env.py"
    env.write_text("from sqlalchemy.ext.asyncio import AsyncEngine\nfrom app import engine\n")
    database = sqlite.create()

    found = url_for(database.url, "", str(env))
    database.drop()

    assert found.drivername == "sqlite+aiosqlite"
