"""Parity: what the spec says against what production reads, with and without calls."""

import sqlite3

import pytest


def make_catalog(project, base_url, *, slug="acme", price_in=None, active=False, extra=()):
    """Write a catalog database with one provider and its model; return its URL."""
    path = project.path / "catalog.db"
    with sqlite3.connect(path) as database:
        database.executescript(
            """
            CREATE TABLE providers (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, name TEXT, base_url TEXT);
            CREATE TABLE models (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, provider_id INTEGER, upstream_model TEXT,
                brand TEXT, price_in_per_mtok_usd TEXT, price_out_per_mtok_usd TEXT, q_prior REAL, m_allowed BOOLEAN,
                active BOOLEAN);
            """
        )
        database.execute("INSERT INTO providers VALUES (1, ?, 'Acme', ?)", (slug, base_url))
        row = (1, "plain-1-acme", 1, "plain-1", "Composed", price_in or "0.15", "0.6", None, None, active)
        database.execute("INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        for number, (name, lit) in enumerate(extra, start=2):
            values = (number, name, 1, name, "x", "1", "1", None, None, lit)
            database.execute("INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    database.close()
    return f"sqlite:///{path}"


@pytest.fixture
def server(project):
    """A stand-in venue named acme, whose model costs what `make_catalog` says."""
    price = {"in_per_mtok_usd": "0.15", "out_per_mtok_usd": "0.6"}
    return project.venue(spec={"model": {"price": price}})


def parity(project, url, *arguments):
    """Run the parity checks that need no call."""
    return project.run("-m", "parity", "--venue=acme", f"--darkhost-catalog={url}", *arguments)


def test_a_matching_catalog_passes_without_a_call(project, server):
    """Base URL, upstream model, prices, slug and provider agree; nothing is sent, no key is needed."""
    result = parity(project, make_catalog(project, server.base_url))

    result.assert_outcomes(passed=3, deselected=38)
    assert (result.ret, server.log) == (0, ())


def test_a_doubled_version_segment_is_found(project, server):
    """A base URL that ends in /v1 already, under an adapter that appends /v1/…, is shown as what it is."""
    result = parity(project, make_catalog(project, f"{server.base_url}/v1"))

    assert result.ret == 1
    result.stdout.re_match_lines(
        [
            r"venue_specs/acme\.yaml:\d+: plain-1-acme base_url_parity: .*",
            r" +spec +http://127\.0\.0\.1:\d+/v1/chat/completions.*",
            r" +providers +http://127\.0\.0\.1:\d+/v1/v1/chat/completions +<- base_url already ends in /v1",
        ],
        consecutive=False,
    )


def test_the_wire_is_compared_in_a_live_run(project, server):
    """A green smoke of another host than production's fails: the three URLs are shown."""
    url = make_catalog(project, "https://api.acme.example")

    result = project.run("-m", "live", "--venue=acme", f"--darkhost-catalog={url}", "-k", "base_url_parity")

    assert result.ret == 1
    text = result.stdout.str()
    assert "https://api.acme.example/v1/chat/completions" in text
    assert "on the wire" in text


def test_a_provider_that_is_missing_is_an_error_with_near_names(project, server):
    """No row is never a skip."""
    result = parity(project, make_catalog(project, server.base_url, slug="acme-ai"))

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*providers has no row with slug 'acme'*acme-ai*"])


def test_a_price_that_differs_is_found(project, server):
    """What the router would bill is not what the spec was proved for."""
    result = parity(project, make_catalog(project, server.base_url, price_in="0.25"))

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*price_in_per_mtok_usd*0.15*0.25*"])


def test_an_active_row_without_a_spec_fails_and_a_dark_one_is_listed(project, server):
    """Parity goes both ways: what production serves must have been proved."""
    dark = parity(project, make_catalog(project, server.base_url, extra=[("dark-acme", False)]))
    (project.path / "catalog.db").unlink()
    lit = parity(project, make_catalog(project, server.base_url, extra=[("lit-acme", True)]))

    assert dark.ret == 0
    assert lit.ret == 1
    assert "lit-acme" in lit.stdout.str()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///nowhere/catalog.db", "nowhere/catalog.db"),
        ("postgresql+psycopg://user:pw-canary@127.0.0.1:1/catalog", "127.0.0.1"),
        ("not a url", "not a"),
    ],
)
def test_a_catalog_that_cannot_be_read_is_an_error_in_one_line(project, server, url, said):
    """Each item that needs it fails; the password is not shown."""
    result = parity(project, url, "--tb=short")

    assert result.ret == 1
    assert result.parseoutcomes()["errors"] == 3
    assert said in result.stdout.str()
    assert "pw-canary" not in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_the_environment_and_ini_name_the_catalog_too(project, server, monkeypatch):
    """The option wins over the environment, the environment over the ini value."""
    url = make_catalog(project, server.base_url)
    monkeypatch.setenv("DARKHOST_CATALOG_URL", url)

    assert project.run("-m", "parity", "--venue=acme").ret == 0

    monkeypatch.setenv("DARKHOST_CATALOG_URL", "sqlite:///nowhere.db")
    assert project.run("-m", "parity", "--venue=acme").ret == 1
    assert parity(project, url).ret == 0


def test_names_of_another_schema_are_mapped(project, server):
    """Tables and columns may have other names, and the catalog is not written to."""
    url = make_catalog(project, server.base_url)
    with sqlite3.connect(project.path / "catalog.db") as database:
        database.executescript(
            "ALTER TABLE providers RENAME TO vendors; ALTER TABLE vendors RENAME COLUMN slug TO key;"
            "ALTER TABLE models RENAME COLUMN upstream_model TO remote_name;"
        )
    database.close()
    before = (project.path / "catalog.db").read_bytes()
    project.ini(
        "darkhost_catalog_names =",
        "    providers = vendors",
        "    providers.slug = key",
        "    models.upstream_model = remote_name",
    )

    assert parity(project, url).ret == 0
    assert (project.path / "catalog.db").read_bytes() == before


def test_without_a_named_catalog_the_reference_catalog_is_used(project, server):
    """A venue that the reference history does not know fails there, and the verdict says what it was compared with."""
    project.pytester.makefile(".ini", pytest="[pytest]\n")

    result = project.run("-m", "parity", "--venue=acme")

    assert result.ret == 1
    assert "reference catalog" in result.stdout.str()


def test_an_adapter_path_that_no_base_url_reaches_fails_parity(project):
    """A venue whose path is not what the adapter appends fails, until ini describes the adapter as it is."""
    server = project.venue("gemini", "gemini")
    url = make_catalog(project, server.base_url, slug="gemini")
    live = ("-m", "live", "--venue=gemini", f"--darkhost-catalog={url}", "-k", "base_url_parity and live")

    wrong = project.run(*live)
    project.ini("darkhost_adapter_paths = gemini = /chat/completions")
    right = project.run(*live)

    assert wrong.ret == 1
    assert right.ret == 0
