"""
What the user may type or configure. Each `--darkhost-…` option has an ini twin `darkhost_…`. Read in `settings`.
"""

import pytest

from pytest_darkhost import variables
from pytest_darkhost.suite.settings import NO_CATALOG


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and ini values."""
    group = parser.getgroup("darkhost", "proving LLM hosts")
    group.addoption(
        "--venue",
        action="append",
        default=[],
        metavar="NAME",
        help="probe this venue only: the stem of its spec file, a comma list or a glob; repeatable",
    )
    group.addoption(
        "--darkhost-plan",
        action="store_true",
        default=None,
        help="print every call with its ceilings and worst-case cost, and send nothing",
    )
    group.addoption(
        "--darkhost-quick",
        action="store_true",
        default=None,
        help="make two consecutive chats per target, cold and warm, and judge what two calls can",
    )
    group.addoption("--darkhost-max-cost", metavar="USD", help="spending cap of the whole run in USD")
    group.addoption(
        "--darkhost-catalog",
        metavar="URL",
        help=f"SQLAlchemy URL of the database with providers and models, or {NO_CATALOG!r} "
        f"(also ${variables.CATALOG_URL})",
    )
    group.addoption(
        "--darkhost-record",
        action="store_true",
        default=None,
        help="also write the cassettes of a live run that passed",
    )
    group.addoption(
        "--darkhost-evidence",
        metavar="DIR",
        help="sign the report of a live run and append it to the bundle in this folder; checked before the first call",
    )
    group.addoption("--darkhost-key", metavar="FILE", help="private key that signs the evidence (darkhost key new)")
    group.addoption(
        "--darkhost-evidence-record",
        action="store_true",
        default=None,
        help="append a signed record of a run that can be no evidence, with the reasons, instead of refusing it",
    )
    group.addoption("--darkhost-cassettes", metavar="DIR", help="directory of cassettes (default: cassettes)")
    _add_ini(parser)


def _add_ini(parser: pytest.Parser) -> None:
    parser.addini("darkhost_specs", "directories that hold venue specs", type="paths", default=None)
    parser.addini("darkhost_venue", "default of --venue", type="args", default=[])
    parser.addini("darkhost_plan", "default of --darkhost-plan", type="bool", default=False)
    parser.addini("darkhost_record", "default of --darkhost-record", type="bool", default=False)
    parser.addini("darkhost_evidence", "folder of the evidence of live runs, as --darkhost-evidence", default="")
    parser.addini("darkhost_key", "private key that signs the evidence, as --darkhost-key", default="")
    parser.addini("darkhost_evidence_record", "default of --darkhost-evidence-record", type="bool", default=False)
    parser.addini("darkhost_cassettes", "directory of cassettes, as --darkhost-cassettes", default="cassettes")
    parser.addini(
        "darkhost_no_cassette",
        "venues that need no cassette, as names or globs; without one, their replay is not judged",
        type="args",
        default=[],
    )
    parser.addini("darkhost_quick", "default of --darkhost-quick", type="bool", default=False)
    parser.addini("darkhost_max_cost_usd", "spending cap of a run in USD, as --darkhost-max-cost", default="")
    parser.addini("darkhost_catalog", f"as --darkhost-catalog; the word {NO_CATALOG!r} for no catalog", default="")
    parser.addini(
        "darkhost_catalog_names",
        "names in the catalog where they differ, such as 'models.upstream_model = remote_name'",
        type="linelist",
        default=[],
    )
    parser.addini(
        "darkhost_adapter_paths",
        "what the production adapter appends to a base URL, per dialect or venue: 'openai = /v1/chat/completions'",
        type="linelist",
        default=[],
    )
    parser.addini(
        "darkhost_accept_not_judged",
        "reason codes of checks that were not judged and that leave the exit code of a live run alone",
        type="args",
        default=[],
    )
