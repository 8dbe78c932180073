"""A submodule is part of the tree: nothing in it, and nothing that is configured for it, hides a change."""

import shutil

import pytest

from pytest_darkhost.provenance.working_tree import Roles, read_tree, untracked
from support.repository import commit_all
from support.repository import git as run


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A repository with a submodule, which holds a spec."""
    place = tmp_path_factory.mktemp("submodules")
    other, root = place / "other", place / "root"
    for repository, name in ((other, "spec.yaml"), (root, "pytest.ini")):
        repository.mkdir()
        (repository / name).write_text("first\n")
        commit_all(repository)
    run(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "specs")
    run(root, "config", "--file", ".gitmodules", "submodule.specs.ignore", "all")
    commit_all(root)
    return place


@pytest.fixture
def root(template, tmp_path, monkeypatch):
    """A copy in which each repository says that nobody need look at the submodule."""
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(template / "root", tmp_path / "root", symlinks=True)
    run(tmp_path / "root", "config", "submodule.specs.ignore", "all")
    run(tmp_path / "root", "config", "diff.ignoreSubmodules", "all")
    return tmp_path / "root"


def changes(root, *inputs):
    """Return the changes that a run in this place would name."""
    return read_tree(root, Roles([root / name for name in inputs], [])).changes


def test_a_clean_submodule_is_no_change(root):
    """A spec in it is tracked as any other."""
    assert changes(root, "pytest.ini", "specs/spec.yaml") == ()
    assert untracked(root, [root / "specs/spec.yaml", root / "specs/other.yaml"]) == ("specs/other.yaml",)


def another_commit(specs):
    """Check out another commit than the one that the repository names."""
    run(specs, "commit", "-q", "--allow-empty", "-m", "another")


CHANGES = {
    "edited": (lambda specs: (specs / "spec.yaml").write_text("second"), "specs/spec.yaml"),
    "untracked": (lambda specs: (specs / "conftest.py").write_text(""), "specs/conftest.py"),
    "deleted": (lambda specs: (specs / "spec.yaml").unlink(), "specs/spec.yaml"),
    "another commit": (another_commit, "specs"),
}


@pytest.mark.parametrize(("change", "named"), CHANGES.values(), ids=CHANGES)
def test_a_change_in_a_submodule(root, change, named):
    """Though `.gitmodules` and the configuration say that it is to be ignored."""
    change(root / "specs")
    assert run(root, "status", "--porcelain") == ""

    assert changes(root) == (named,)


def test_another_commit_that_is_staged(root):
    """It is not in the commit that the run names."""
    another_commit(root / "specs")
    run(root, "add", "-f", "specs")

    assert changes(root) == ("specs",)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at(root, flag):
    """In a submodule, too."""
    run(root / "specs", "update-index", flag, "spec.yaml")
    (root / "specs/spec.yaml").write_text("second")

    assert changes(root) == ("specs/spec.yaml",)


@pytest.mark.parametrize("setting", ["filter.hide.clean", "filter.hide.process", "core.fsmonitor", "core.hooksPath"])
def test_nothing_that_a_submodule_configures_is_run(root, setting):
    """Its own configuration is another file than that of the repository."""
    specs, marker = root / "specs", root.parent / "RUN"
    (root.parent / "hooks").mkdir()
    hook = root.parent / "hooks/post-index-change"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    run(specs, "config", setting, str(hook.parent if setting == "core.hooksPath" else hook))
    info = root / ".git/modules/specs/info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("* filter=hide\n")
    (specs / "spec.yaml").write_text("other\n")

    assert changes(root) == ("specs/spec.yaml",)
    assert not marker.exists()


def test_what_lies_in_the_place_of_a_submodule_that_is_not_there(root):
    """Git looks at nothing in it, and pytest would collect it."""
    shutil.rmtree(root / "specs")
    (root / "specs").mkdir()
    assert changes(root) == ()
    (root / "specs/conftest.py").write_text("")
    assert run(root, "status", "--porcelain") == ""

    assert changes(root) == ("specs",)


def test_a_submodule_in_a_submodule(root, template):
    """However deep."""
    specs, seen = root / "specs", ("-c", "submodule.specs.ignore=none", "-c", "diff.ignoreSubmodules=none")
    run(specs, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(template / "other"), "deep")
    run(specs, "commit", "-q", "-m", "deep")
    run(root, "add", "-f", "specs")
    run(root, *seen, "commit", "-q", "-m", "deep")
    assert changes(root, "specs/deep/spec.yaml") == ()

    (root / "specs/deep/spec.yaml").write_text("second")

    assert changes(root) == ("specs/deep/spec.yaml",)
