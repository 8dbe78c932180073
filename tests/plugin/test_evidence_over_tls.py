"""
The one kind of run that becomes evidence: live, over verified TLS, from a clean tree, against a real catalog.

The stand-in venue is on this machine, so that the rules about addresses are lifted here, and nothing else is: its
authority is put where the HTTP library finds its own.
"""

import sqlite3

import pytest

from pytest_darkhost.evidence import observed
from support.proving import NO_BUDGET

PRICE = {"in_per_mtok_usd": "0.15", "out_per_mtok_usd": "0.6"}


def make_catalog(path, base_url):
    """Write a catalog with the stand-in venue and its model, dark."""
    with sqlite3.connect(path) as database:
        database.executescript(
            """
            CREATE TABLE providers (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, name TEXT, base_url TEXT);
            CREATE TABLE models (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, provider_id INTEGER, upstream_model TEXT,
                brand TEXT, price_in_per_mtok_usd TEXT, price_out_per_mtok_usd TEXT, q_prior REAL, m_allowed BOOLEAN,
                active BOOLEAN);
            """
        )
        database.execute("INSERT INTO providers VALUES (1, 'acme', 'Acme', ?)", (base_url,))
        row = (1, "plain-1-acme", 1, "plain-1", "Composed", "0.15", "0.6", None, None, False)
        database.execute("INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    database.close()
    return f"sqlite:///{path}"


@pytest.fixture
def over_tls(prover, trusted):
    """A project with a venue over TLS and a catalog that has it."""
    prover.project.close()
    server = prover.project.venue(tls=trusted, spec=NO_BUDGET | {"model": {"price": PRICE}})
    prover.catalog = f"--darkhost-catalog={make_catalog(prover.path / 'catalog.db', server.base_url)}"
    prover.project.ini("darkhost_adapter_paths = openai = /v1/chat/completions")
    prover.commit()
    return prover


def test_a_run_that_lacks_nothing_is_a_test_result(over_tls, capsys):
    """In-toto's test-result: PASSED, its lists, its configuration; an auditor reads the same from the bytes."""
    result = over_tls.prove(over_tls.catalog)

    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    assert over_tls.kinds == ["run-opened-v1", "test-result"]
    predicate = over_tls.last
    assert predicate["warnedTests"] == []
    assert predicate["result"] == "PASSED"
    assert len(predicate["passedTests"]) + len(predicate["darkhost"]["notApplicable"]) == 19
    assert {"pytest.ini", "venue_specs/acme.yaml"} <= {each["name"] for each in predicate["configuration"]}
    catalog = over_tls.project.report["darkhost"]["catalog"]
    assert (catalog["source"], catalog["dialect"]) == ("database", "sqlite")
    assert len(catalog["providers_digest"]["sha256"]) == 64
    assert any(line.startswith("evidence: PASSED") for line in result.outlines)
    assert over_tls.verify() == 0
    assert "PASSED" in capsys.readouterr().out


def test_a_failure_of_such_a_run_is_evidence_too(over_tls):
    """Of a dead venue nothing is known but that it is dead."""
    over_tls.project.close()

    result = over_tls.prove(over_tls.catalog)

    assert result.ret == 1
    assert (over_tls.kinds[-1], over_tls.last["result"]) == ("test-result", "FAILED")


def test_a_narrowed_run_is_evidence_with_a_warning(over_tls):
    """The tests that were left out are named."""
    assert over_tls.prove(over_tls.catalog, "-k", "chat_shape").ret == 0
    assert (over_tls.kinds[-1], over_tls.last["result"]) == ("test-result", "WARNED")
    assert len(over_tls.last["darkhost"]["notRun"]) == 18


def test_what_turns_up_during_the_run_makes_it_no_evidence(over_tls, monkeypatch):
    """Evidence was asked for and did not come of it: a signed record says why, and the run does not exit with 0."""
    monkeypatch.setattr(observed, "is_public_peer", lambda _peer: False)

    result = over_tls.prove(over_tls.catalog)

    assert result.ret == 1
    assert over_tls.kinds[-1] == "run-record-v1"
    assert over_tls.codes == ["private_address"]
    assert any(line.startswith("no evidence: private_address: ") for line in result.outlines)


def test_answers_of_a_run_before_are_none_of_this_one(over_tls, trusted):
    """The stand-in gives the same ids from its start, as a replay would."""
    assert over_tls.prove(over_tls.catalog).ret == 0
    port = over_tls.project._servers[0].port
    over_tls.project.close()
    server = over_tls.project.venue("acme", tls=trusted, spec=NO_BUDGET | {"model": {"price": PRICE}})
    make_catalog(over_tls.path / "other.db", server.base_url)
    assert server.port != port
    over_tls.commit()

    result = over_tls.prove(f"--darkhost-catalog=sqlite:///{over_tls.path}/other.db")

    assert over_tls.codes == ["foreign_id"]
    assert result.ret == 1
