"""Names of the catalog from pytest's configuration, read without pytest; pytest itself is asked whether they agree."""

from pathlib import Path

import pytest

from pytest_darkhost.catalog.project_ini import names_in_project, overridden
from pytest_darkhost.errors import UsageError

NAMES = "darkhost_catalog_names"
LINES = ("models = offers", "models.slug = key")
INI = f"[{{section}}]\n{NAMES} =\n    models = offers\n    # a remark\n    models.slug = key\n"
TOML = f'[{{section}}]\n{NAMES} = ["models = offers", "models.slug = key"]\n'
FILES = {
    "pytest.ini": INI.format(section="pytest"),
    ".pytest.ini": INI.format(section="pytest"),
    "pyproject.toml": TOML.format(section="tool.pytest.ini_options"),
    "tox.ini": INI.format(section="pytest"),
    "setup.cfg": INI.format(section="tool:pytest"),
}
SINCE_9 = {"pytest.toml": TOML.format(section="pytest"), "pyproject.toml": TOML.format(section="tool.pytest")}


def said(directory: Path) -> tuple[str, ...]:
    """Return the lines without blanks and remarks, as `parse_names` reads them."""
    lines = (line.strip() for line in names_in_project(directory))
    return tuple(line for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_read(tmp_path: Path, name: str) -> None:
    """Also from a directory below."""
    (tmp_path / name).write_text(FILES[name])
    (tmp_path / "below").mkdir()
    assert said(tmp_path) == said(tmp_path / "below") == LINES


@pytest.mark.parametrize("name", SINCE_9)
def test_native_toml_is_read(tmp_path: Path, name: str) -> None:
    """As pytest has it since 9.0."""
    (tmp_path / name).write_text(SINCE_9[name])
    assert said(tmp_path) == LINES


@pytest.mark.parametrize("name", FILES)
def test_pytest_reads_the_same(pytester: pytest.Pytester, name: str) -> None:
    """The file that counts is the one that pytest takes, and so are the lines."""
    for each, text in FILES.items():
        (pytester.path / each).write_text(text if each == name else "")
    for each in tuple(FILES)[: tuple(FILES).index(name)]:
        (pytester.path / each).unlink()
    config = pytester.parseconfig()
    assert config.inipath == pytester.path / name
    assert [line for line in config.getini(NAMES) if not line.startswith("#")] == list(said(pytester.path))


def test_the_first_file_counts(tmp_path: Path) -> None:
    """One of pytest's own counts even where it says nothing; one that does not configure pytest does not."""
    (tmp_path / "tox.ini").write_text(FILES["tox.ini"])
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert said(tmp_path) == LINES
    (tmp_path / "pytest.ini").write_text("")
    assert said(tmp_path) == ()


def test_nothing_is_said(tmp_path: Path) -> None:
    """Where there is no file, the usual names hold."""
    assert names_in_project(tmp_path / "x") == ()


@pytest.mark.parametrize(("name", "text"), [("pytest.ini", "darkhost = 1\n"), ("pyproject.toml", "[tool\n")])
def test_a_broken_file_is_told(tmp_path: Path, name: str, text: str) -> None:
    """With its place and what is wrong with it."""
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=rf"{name}: it cannot be read \(.*\), expected pytest's configuration"):
        names_in_project(tmp_path)


def test_what_is_typed_wins() -> None:
    """One name at a time; the others stay."""
    assert overridden(LINES, ("models=prices",)) == ("models.slug = key", "models=prices")
