"""
What a project says of activations: which schema path was authorised, and which evidence is believed. Ini values only:
they are decisions of the team, which a command line must not take.
"""

import pytest

MAX_AGE_DAYS = 7
AUTHORISED_PATH = "darkhost_authorised_path"
PUBLIC_KEY = "darkhost_public_key"
MAX_AGE = "darkhost_evidence_max_age_days"


def add_ini(parser: pytest.Parser) -> None:
    """Declare the ini values."""
    parser.addini(
        "darkhost_authorised_path",
        "schema path of activations, by whom and when it was authorised: 'A by alice@example.org on 2026-11-20', "
        "or 'B for VENUE by …', 'B for VENUE/SLUG by …'",
        type="linelist",
        default=[],
    )
    parser.addini(
        "darkhost_public_key", "public keys that verify evidence for darkhost activate", type="paths", default=[]
    )
    parser.addini(
        "darkhost_evidence_max_age_days",
        f"how old the evidence may be that lights a model (default {MAX_AGE_DAYS})",
        default=str(MAX_AGE_DAYS),
    )
