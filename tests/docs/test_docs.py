"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

from pytest_darkhost import semconv
from pytest_darkhost.suite import origin, probe_record, record, run_record
from pytest_darkhost.verdicts import ReasonCode

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def quoted(path):
    """Return all words in backquotes of a document."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(re.findall(r"`([^`]+)`", text))


def test_every_field_of_the_report_is_documented():
    """Whoever reads a report finds each of its names on one page."""
    source = "".join(Path(module.__file__).read_text() for module in (record, probe_record, run_record, origin))
    names = set(re.findall(r'^        "([a-z_.0-9]+)":', source, re.MULTILINE)) | set(probe_record._OFFSETS)
    names |= {value for name, value in vars(semconv).items() if name.isupper()} - {semconv.VERSION}
    documented = {word for text in quoted(ROOT / "docs/report.md") for word in text.split()}

    assert len(names) > 40
    assert names - documented - {"name", "digest", "sha256"} == set()


def test_every_reason_code_is_documented():
    """A reader who sees a code finds what it means."""
    codes = {str(code) for code in ReasonCode}

    assert codes <= quoted(ROOT / "docs/configuration.md")


def test_every_option_is_documented():
    """Options and ini values of `--help` are on the page."""
    from pytest_darkhost.suite import options

    source = Path(options.__file__).read_text()
    names = set(re.findall(r'"(--[a-z-]+|darkhost_[a-z_]+)"', source))
    page = (ROOT / "docs/configuration.md").read_text()

    assert len(names) > 10
    assert [name for name in names if name not in page] == []


def test_what_a_team_decides_of_activations_is_documented():
    """Its ini values are on the page of settings, and in the runbook or the page of paths."""
    from pytest_darkhost.suite import activation_options

    names = set(re.findall(r'"(darkhost_[a-z_]+)"', Path(activation_options.__file__).read_text()))
    pages = [(ROOT / "docs" / name).read_text() for name in ("configuration.md", "runbook.md", "paths.md")]

    assert len(names) == 3
    assert [name for name in names if name not in pages[0] or name not in pages[1] + pages[2]] == []


def test_every_option_of_migrations_is_documented():
    """They have a page of their own, and so has each check."""
    from pytest_darkhost.migrations.checks.registry import STANDARD
    from pytest_darkhost.suite.migrations import options

    source = Path(options.__file__).read_text()
    names = set(re.findall(r'"(--[a-z-]+|darkhost_[a-z_]+)"', source)) | {check.name for check in STANDARD}
    page = (ROOT / "docs/migrations.md").read_text()

    assert len(names) > 20
    assert [name for name in names if name not in page] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    """Relative links name files that exist."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def test_architecture_is_short():
    """A reader knows the nouns, the layers and the flows after one screen or two."""
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) < 80


def test_the_readme_is_short():
    """A newcomer has read it in five minutes; the rest is behind its links."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_the_changelog_names_the_version():
    """What is released is described."""
    from importlib.metadata import version

    assert version("pytest-darkhost") in (ROOT / "CHANGELOG.md").read_text()


def test_every_key_of_a_spec_is_documented():
    """Whoever adds a venue finds each key on one page."""
    from pytest_darkhost.specs import access, changes, models, target_settings

    modules = (access, changes, models, target_settings)
    classes = [kind for module in modules for kind in vars(module).values()]
    fields = {name for kind in classes if hasattr(kind, "model_fields") for name in kind.model_fields}
    page = (ROOT / "docs/specs.md").read_text()

    assert len(fields) > 50
    assert [name for name in sorted(fields) if name not in page] == []


def test_every_check_is_documented():
    """Whoever reads a verdict finds what it means."""
    from pytest_darkhost.checks.registry import STANDARD

    assert {check.name for check in STANDARD} <= quoted(ROOT / "docs/specs.md")


def test_the_spec_of_the_page_is_sound(tmp_path):
    """The example can be copied."""
    from pytest_darkhost.specs.loader import load_venue

    text = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/specs.md").read_text(), re.DOTALL)[1]
    (tmp_path / "acme.yaml").write_text(text)

    assert load_venue(tmp_path / "acme.yaml", tmp_path).spec.models[0].slug == "small-acme"
