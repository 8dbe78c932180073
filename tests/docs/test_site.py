"""The pages become a site, strictly: a link, anchor or page that leads nowhere is an error."""

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_site_is_built_without_a_warning(tmp_path):
    """Sphinx reads every page, and every page is in the table of contents."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-d",
        tmp_path / "trees",
        DOCS,
        tmp_path / "site",
    ]
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert {page.stem for page in DOCS.glob("*.md")} <= {page.stem for page in (tmp_path / "site").glob("*.html")}


def test_the_first_page_leads_to_every_other():
    """A page that nobody links to is not found."""
    linked = set(re.findall(r"\]\(([a-z-]+\.md)", (DOCS / "index.md").read_text(encoding="utf-8")))

    assert {page.name for page in DOCS.glob("*.md")} - linked == {"index.md"}
