"""Options and settings of pytest that cannot be used: one message, exit 4, before anything is sent or written."""

import pytest

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.opening import database_kind

NOBODY = "postgresql+psycopg://u:hidden-word@127.0.0.1:1/catalog"
PROC = "/proc/self/new"
"""A place in which nobody can make a file, root included."""
LIVE = ("-m", "live", "--venue=acme")
MIGRATION = ("-m", "migration", "--darkhost-alembic=file.ini")

CASES = [
    # what is typed; ini lines; the message begins with, or has
    (("--venue=acmee",), (), "--venue=acmee: 'acmee' is no known venue, expected one of acme. Did you mean 'acme'?"),
    (
        ("--darkhost-plann",),
        (),
        "--darkhost-plann: no such option, expected one that pytest --help lists",
    ),
    (("--darkhost-max-cots=1",), (), "Did you mean '--darkhost-max-cost'?"),
    (("--venue=acme,",), (), "has an empty name"),
    ((*LIVE, "--darkhost-max-cost=abc"), (), "--darkhost-max-cost: 'abc' is not an amount"),
    ((*LIVE, "--darkhost-catalog=nonsense"), (), "it is not a database URL"),
    ((*LIVE, f"--darkhost-catalog={NOBODY}"), (), "catalog postgresql+psycopg://u:***@127.0.0.1:1/catalog: it cannot"),
    ((*LIVE, "--darkhost-catalog=sqlite:///no.db"), (), "there is no file 'no.db'"),
    (("--darkhost-cassettes=pytest.ini",), (), "pytest.ini: a file, expected the directory of cassettes"),
    ((*LIVE, "--darkhost-record", f"--darkhost-cassettes={PROC}"), (), f"--darkhost-record: {PROC}: "),
    ((*LIVE, f"--json-report-file={PROC}/r.json"), (), "expected a place where the report can be written"),
    ((*LIVE, "--darkhost-evidence="), (), "--darkhost-evidence: the name is empty"),
    ((*LIVE, "--darkhost-evidence=e"), (), "--darkhost-key: no key named, expected the private key that signs"),
    ((*LIVE, "--darkhost-evidence=e", "--darkhost-key=no.pem"), (), "no.pem: cannot be read"),
    (MIGRATION, (), "file.ini: there is no such file"),
    ((*MIGRATION, "--darkhost-rows-table=t"), (), "expected --darkhost-rows-from"),
    (("-m", "deployed"), (), "-m deployed: no database is named"),
    (
        (),
        ("darkhost_accept_not_judged = client_bussy",),
        "no reason code. Did you mean 'client_busy'?",
    ),
    ((), ("darkhost_adapter_paths = openai",), "darkhost_adapter_paths: 'openai' is not 'dialect or venue = /path'"),
    ((), ("darkhost_adapter_paths = opnai = /v1",), "expected one of acme, anthropic, openai. Did you mean 'openai'?"),
    ((), ("darkhost_max_cost_usd = ten",), "darkhost_max_cost_usd: 'ten' is not an amount"),
    ((), ("darkhost_specs = nowhere",), "nowhere is no directory, expected one that holds venue specs"),
    ((), ("darkhost_rows_limit = many",), "darkhost_rows_limit: 'many' is not valid"),
    ((), ("darkhost_zero_rows = maybe",), "darkhost_zero_rows: 'maybe' is not valid, expected one of"),
    ((), ("darkhost_alembic_env = url",), "darkhost_alembic_env: 'url' is no variable"),
]


@pytest.mark.parametrize(("typed", "lines", "words"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_what_cannot_be_used_is_a_usage_error(project, typed, lines, words):
    """It names the option or setting; nothing is sent, nothing is left, no secret is shown."""
    server = project.venue()
    project.ini(*lines)
    before = set(project.files())
    result = project.run(*typed)
    said = result.stdout.str() + result.stderr.str()

    assert result.ret == 4, said
    assert words in said
    assert "Traceback" not in said
    assert "hidden-word" not in said
    assert server.log == ()
    assert {path for path in project.files() if path.suffix != ".pyc" and path.name != ".gitignore"} == before


def test_a_directory_for_cassettes_is_tried_and_not_left(project):
    """Whether it can be written is known before the first call; a run that fails leaves none behind."""
    project.venue()
    project.edit_spec("acme", "ttft_ms: 5000", "ttft_ms: 0.001")
    result = project.run(*LIVE, "--darkhost-record", "--darkhost-cassettes=new/cassettes")

    assert result.ret == 1
    assert not (project.path / "new").exists()


def test_an_unknown_kind_of_database_gets_a_near_name():
    """A word is a name; anything else may hold a password, and is not repeated."""
    with pytest.raises(DatabaseError, match=r"'postgrsql': .* Did you mean 'postgresql'\?"):
        database_kind("postgrsql")
