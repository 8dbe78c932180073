"""The README's way from a plan to a replay, typed as it stands there, against a stand-in for the venue."""

import re
import shlex
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pytest_darkhost.catalog.reference import _upgrade

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if re.match(r"pytest( |$)", line) and not re.search(r"--venue=local|--darkhost-evidence", line)
]
"""Those of a hosted venue. A model is served by `make smoke`, and evidence of a stand-in is refused."""


@pytest.fixture
def catalog(project):
    """The URL of a catalog that names the stand-in's address; the README's own names a server of nobody."""
    server = project.venue("together", "together")
    url = f"sqlite:///{project.path / 'catalog.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        _upgrade(connection)
        change = text("UPDATE providers SET base_url = :url WHERE slug = 'together'")
        connection.execute(change, {"url": server.base_url})
    engine.dispose()
    return url


def test_the_readme_s_commands_do_what_it_says(project, catalog):
    """A plan that sends nothing, a live run that passes, cassettes, and a replay of them without key or venue."""
    project.ini("darkhost_no_cassette =")
    said = {}
    for line in COMMANDS:
        arguments = shlex.split(re.sub(r"(--darkhost-catalog=)\S+", rf"\1{catalog}", line), comments=True)[1:]
        result = project.replay(*arguments) if not arguments else project.run(*arguments)
        said[" ".join(arguments) or "pytest"] = result.stdout.str()
        assert result.ret == 0, f"{line}\n{result.stdout.str()}"

    plan, live, record, replay = said.values()
    assert "nothing was sent" in plan
    assert f"catalog sqlite:///{project.path / 'catalog.db'} at 00" in live
    assert "recorded: 2 cassettes" in record
    assert "2 cassettes (2 recorded)" in replay
    assert len(COMMANDS) == len(said) == 4
