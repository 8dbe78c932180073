"""The reference page is what the code says, and commands in documents are commands."""

import re
import shlex
from pathlib import Path

import pytest

from pytest_darkhost import variables
from pytest_darkhost.__main__ import _parser
from pytest_darkhost.errors import UsageError
from pytest_darkhost.observations import ErrorKind
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.suite.migrations.options import read_migration_settings
from pytest_darkhost.suite.settings import read_settings
from pytest_darkhost.verdicts import ReasonCode
from support import reference
from support.markdown import texts_of

ROOT = Path(__file__).parents[2]
NOT_OURS = {"reference.md", "benchmarks.md"}
"""Pages that name commands without their arguments, and those of other tools."""
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
_FENCE = re.compile(r"```[a-z]*\n(.*?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")


def commands(program):
    """Return the command lines of a program in all documents, each with the document's name."""
    found = []
    for path in (each for each in DOCUMENTS if each.name not in NOT_OURS):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line.strip().removeprefix("$ ") for block in _FENCE.findall(text) for line in block.splitlines()]
        lines += _CODE.findall(_FENCE.sub("", text))
        lines = [line.removeprefix(".venv/bin/").removeprefix("again: ") for line in lines]
        found += [(path.name, line) for line in lines if line.startswith(f"{program} ") and " = " not in line]
    return sorted(set(found))


def typed(line):
    """Return the arguments of a command line, without its comment and what it is piped into."""
    words = shlex.split(line, comments=True)[1:]
    return words[: words.index("|")] if "|" in words else words


def test_the_page_is_what_the_code_says():
    """Options, ini values, marks, commands, keys of a spec, checks, reason codes and kinds of error."""
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), (
        "docs/reference.md is behind the code, expected what `cd tests && python -m support.reference` writes"
    )


def test_every_line_of_the_page_says_something():
    """An option, key, check, code or variable without a word of explanation is a gap."""
    lines = [line for line in reference.page().splitlines() if line.startswith("|") and set(line) - set("|-")]

    assert len(lines) > 250
    assert [line for line in lines if re.search(r"\|\s*\|$", line)] == []


def test_every_member_of_an_enumeration_is_on_the_page():
    """One that is new and without a docstring is missed."""
    for kind in (ReasonCode, ErrorKind, Capability, Dialect):
        assert texts_of(kind).keys() == kind.__members__.keys()


def test_every_exit_code_of_pytest_is_on_the_page():
    """Those of the pytest that is installed."""
    assert {int(code) for code in pytest.ExitCode} <= reference.EXIT_CODES.keys()


def test_every_variable_that_is_read_is_on_the_page():
    """Our own are named in one module, each with a docstring; what others have named is listed."""
    own = {value for name, value in vars(variables).items() if name.isupper()}
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "pytest_darkhost").rglob("*.py")}
    read = {name for text in sources.values() for name in re.findall(r'environ(?:\.get\(|\[)"(\w+)"', text)}
    spelt = {path.name for path, text in sources.items() if re.search(r'"DARKHOST_\w+"', text)}
    page = "".join(reference.environment())

    assert texts_of(variables).keys() == {name for name in vars(variables) if name.isupper()}
    assert spelt == {"variables.py"}
    assert [name for name in sorted(own | read) if f"`{name}`" not in page] == []


@pytest.mark.parametrize(("document", "line"), commands("darkhost"))
def test_documented_commands_of_darkhost_parse(document, line, capsys):
    """With every argument that they name; words in capitals stand for values. A mere name must be a command's."""
    parser, names = _parser(), typed(line)
    if len(names) == (2 if names[:1] in (["new"], ["key"]) else 1):
        names += ["--help"]
    try:
        code = 0 if hasattr(parser.parse_args(names), "run") else 2
    except SystemExit as error:
        code = error.code

    assert code == 0, f"{document}: {line}\n{capsys.readouterr().err}"


class Listener:
    """Ends a run once options are read."""

    config = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config):
        """Keep the configuration."""
        self.config = config
        return 0


def test_documented_commands_of_pytest_parse(tmp_path, monkeypatch, capsys):
    """Each option is known to pytest, and each value to the plugin."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    lines = commands("pytest")
    refused = []
    for document, line in lines:
        listener = Listener()
        pytest.main(["-p", "no:cacheprovider", *typed(line)], plugins=[listener])
        try:
            read_settings(listener.config)
            read_migration_settings(listener.config)
        except (AttributeError, UsageError) as error:
            refused.append(f"{document}: {line}: {error} {capsys.readouterr().err}")

    assert len(lines) > 20
    assert refused == []


def test_documented_targets_of_make_exist():
    """`make smoke` and its like."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {words[1] for _, line in commands("make") if (words := line.split())[1].islower()}

    assert {"smoke", "test"} <= named <= targets


def test_documented_files_of_init_are_those_that_it_writes(tmp_path, monkeypatch):
    """The page shows what the command says."""
    from pytest_darkhost.commands.init.steps import steps_for

    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")

    assert [step.line for step in steps_for(Path(), ())] == re.findall(r"^written  .*$", page, re.MULTILINE)
