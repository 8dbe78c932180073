"""Bad input to `darkhost`: each gives one clear message and the right exit code, and leaves everything as it was."""

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEW = ("new", "venue", "acme", "--base-url", "https://a.example", "--model", "x/y", "--price", "1,2")
ACTIVATION = ("new", "activation", "--venue", "together", "--model", "gpt-oss-120b-together", "--path", "A")
CATALOG = ("--catalog", "sqlite:///catalog.db")
HALF = 'darkhost:\n  base_url: "http://127.0.0.1:{port}"\n  fail'
"""A cassette, broken off."""
PROC = "/proc/self"
"""A directory in which nobody can make a file, root included."""

CASES = [
    # what is typed; exit code; words of the message; files that are there, by name
    ((), 2, "usage: darkhost", {}),
    (("doctro",), 2, "Did you mean 'doctor'?", {}),
    (("init", "--vnue", "x"), 2, "unrecognized arguments: --vnue. Did you mean '--venue'", {}),
    (("init", "--venue", "togethr"), 2, "Did you mean 'together'?", {}),
    (("init", "file"), 2, "file: no directory, expected", {"file": ""}),
    (("init", "nowhere"), 2, "nowhere: no directory, expected", {}),
    (("init", PROC), 1, "expected a place that can be written", {}),
    (("init",), 1, "venue_specs/local.yaml: Not a directory", {"venue_specs": ""}),
    (("init",), 1, ".github/workflows/darkhost.yml: Not a directory", {".github": ""}),
    (("init",), 1, "pytest.ini: not UTF-8, expected a text file", {"pytest.ini": b"[pytest]\n# \xff\n"}),
    (("doctor", "--max-age", "soon"), 2, "'soon' is no number of days, expected such as 90", {}),
    (("doctor", "--jsn"), 2, "Did you mean '--json'", {}),
    (("doctor",), 1, "pytest: it cannot start", {"pytest.ini": "[pytest\n"}),
    (("doctor",), 1, "SystemExit: 3", {"conftest.py": "raise SystemExit(3)"}),
    (("doctor",), 1, "was never closed", {"conftest.py": "x = ("}),
    (("doctor",), 1, "cassettes: a file, expected the directory of cassettes", {"cassettes": ""}),
    (("new",), 2, "the following arguments are required: FILE", {}),
    (("new", "venu", "x"), 2, "Did you mean 'venue'?", {}),
    (("new", "venue", "togethr", "--model", "x"), 2, "Did you mean 'together'?", {}),
    (("new", "venue", "Ä b", "--model", "x"), 2, "'Ä b' is not a venue name", {}),
    (("new", "venue", "acme", "--dialect", "opnai"), 2, "Did you mean 'openai'?", {}),
    (("new", "venue", "groq"), 1, "GROQ_API_KEY: not set, expected the key of groq", {}),
    ((*NEW[:-1], "1"), 2, "'1' is no pair of amounts", {}),
    ((*NEW, "--specs", "file"), 1, "file: File exists, expected a place that can be written", {"file": ""}),
    ((*NEW, "--specs", f"{PROC}/specs"), 1, "expected a place that can be written", {}),
    (NEW, 1, "acme.yaml: the file is there already", {"venue_specs/acme.yaml": ""}),
    (("new", "venue", "x", "--from-catalog"), 2, "--from-catalog: no catalog is named", {}),
    (("new", "venue", "x", "--from-catalog", *CATALOG), 1, "there is no file 'catalog.db'", {}),
    (ACTIVATION, 2, "no catalog is named, expected the database with the row's values", {}),
    ((*ACTIVATION, *CATALOG), 2, "venue_specs: there is no spec file", {}),
    ((*ACTIVATION, *CATALOG, "--accept", "no_audt"), 2, "Did you mean 'no_audit'?", {}),
    ((*ACTIVATION[:-1], "D", *CATALOG), 2, "invalid choice: 'D'", {}),
    (("validate",), 2, "the following arguments are required: PATH", {}),
    (("validate", "acme.yml"), 2, "acme.yml: no such file or directory", {"acme.yaml": ""}),
    (("validate", "acme.yml"), 2, "Did you mean 'acme.yaml'?", {"acme.yaml": ""}),
    (("validate", "s"), 1, "s/b.yaml:1: the bytes are not UTF-8", {"s/b.yaml": b"venue: \xe4\n"}),
    (("validate", "s"), 1, "s/b.yaml:1: the file is empty", {"s/b.yaml": ""}),
    (("validate", "s"), 1, "s/b.yaml:3: the file: not YAML", {"s/b.yaml": "venue: b\nmodels: [{slug: \n"}),
    (("validate", "ö l"), 1, "ö l/b.yaml:1: ", {"ö l/b.yaml": "venue: c\n"}),
    (("validate", "s"), 1, "s: no spec files, expected such as", {"s/readme.txt": ""}),
    (("validate", "/dev/zero"), 1, "the path is no file", {}),
    (("schema", "x"), 2, "unrecognized arguments: x", {}),
    (("cassettes",), 2, "cassettes: no directory, expected one that holds cassettes", {}),
    (("cassettes", "file"), 2, "file: no directory", {"file": ""}),
    (("cassettes",), 1, "local/@venue.yaml: ", {"cassettes/local/@venue.yaml": HALF}),
    (("cassettes",), 1, "local/@venue.yaml: ", {"cassettes/local/@venue.yaml": b"\xff\xfe"}),
    (("verify", "evidence"), 2, "the following arguments are required: --key", {}),
    (("verify", "evidence", "--key", "no.pub"), 2, "no.pub: cannot be read", {}),
    (("verify", "evidence", "--key", "file"), 2, "file: no Ed25519 public key", {"file": "x"}),
    (("verify", "evidence", "--key", "s"), 2, "s: cannot be read (Is a directory)", {"s/x": ""}),
    (("key",), 2, "the following arguments are required: ACTION", {}),
    (("key", "nwe"), 2, "Did you mean 'new'?", {}),
    (("key", "new", "x.pub"), 1, "x.pub: the name of a public key", {}),
    (("key", "new", "file"), 1, "file: exists already", {"file": ""}),
    (("key", "new", "file/x.pem"), 1, "cannot be written (Not a directory)", {"file": ""}),
    (("key", "new", "no/x.pem"), 1, "cannot be written (No such file or directory)", {}),
    (("key", "new", f"{PROC}/x.pem"), 1, "cannot be written", {}),
    (("key", "rotate", "e", "--key", "no.pem", "--new", "no.pem"), 2, "no.pem: cannot be read", {}),
]


def contents(place):
    """Return all files below a directory, but those that Python itself leaves when it imports a `conftest.py`."""
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.mark.parametrize(
    ("typed", "code", "words", "files"), CASES, ids=[f"{n}-{' '.join(case[0])[:40]}" for n, case in enumerate(CASES)]
)
def test_bad_input_is_one_clear_message(darkhost, here, typed, code, words, files):
    """It says what is wrong, no file is made or changed, and nothing is a traceback."""
    for name, data in files.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    before = contents(here)

    said = darkhost(*typed)

    assert said.code == code, said
    assert words in said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert contents(here) == before


def test_a_cassette_of_a_later_version_says_to_update(darkhost, here):
    """Its label is in a form that this version does not know."""
    shutil.copytree(ROOT / "cassettes/local", here / "cassettes/local")
    path = here / "cassettes/local/@venue.yaml"
    text = path.read_text(encoding="utf-8")
    assert "  schema: 1\n" in text
    path.write_text(re.sub(r"  version: \S+", "  version: 9.0.0", text.replace("schema: 1\n", "schema: 2\n"), count=1))

    said = darkhost("cassettes")

    assert said.code == 1
    assert said.err == (
        "local/@venue.yaml: darkhost.schema: 2, written by pytest-darkhost 9.0.0, expected 1. Update pytest-darkhost\n"
    )
