"""What git says of the place that a run starts from: clean means that what the run reads is what was committed."""

import json
import os
import shutil
import time

import pytest

from pytest_darkhost.provenance import git as git_module
from pytest_darkhost.provenance.git import GitError, git
from pytest_darkhost.provenance.working_tree import MOST_CHANGES, Roles, read_tree, without_user
from support.repository import commit_all
from support.repository import git as run


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A repository with one commit: a spec, an ini file and a conftest."""
    root = tmp_path_factory.mktemp("template")
    (root / "venue_specs").mkdir(parents=True)
    for name in ("venue_specs/acme.yaml", "pytest.ini", "conftest.py", ".gitignore"):
        (root / name).write_text("*.ignored\nignored/\n")
    commit_all(root)
    return root


@pytest.fixture
def root(template, tmp_path, monkeypatch):
    """A copy of the repository, which nobody's own configuration reaches."""
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(template, tmp_path / "repository", symlinks=True)
    return tmp_path / "repository"


def changes(root, inputs=("venue_specs/acme.yaml", "pytest.ini", "conftest.py"), outputs=("evidence", "out.json")):
    """Return the changes that a run in this place would name."""
    return read_tree(root, Roles([root / name for name in inputs], [root / name for name in outputs])).changes


def test_a_clean_tree_has_its_commit_branch_and_remote(root):
    """The remote loses its user information; nothing is dirty."""
    run(root, "remote", "add", "origin", "https://someone:secret@git.example/team/repo.git")

    tree = read_tree(root, Roles([root / "pytest.ini"], []))

    assert tree.revision == run(root, "rev-parse", "HEAD").strip()
    assert (tree.branch, tree.remote, tree.dirty) == ("trunk", "https://git.example/team/repo.git", False)
    assert tree.record()["vcs.ref.head.revision"] == tree.revision


def test_a_detached_head_has_no_branch(root):
    """As in most CI services."""
    run(root, "checkout", "-q", "--detach")

    assert read_tree(root, Roles([], [])).branch is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda root: (root / "pytest.ini").write_text("changed"), "pytest.ini"),
        (lambda root: (root / "conftest.py").unlink(), "conftest.py"),
        (lambda root: (root / "new name.py").write_text("new"), "new name.py"),
        (lambda root: (root / "late").mkdir() or (root / "late/deep.txt").write_text("new"), "late/deep.txt"),
        (lambda root: run(root, "mv", "pytest.ini", "tox.ini"), "tox.ini"),
        (lambda root: (root / "staged.py").write_text("new") and run(root, "add", "staged.py"), "staged.py"),
        (lambda root: run(root, "rm", "-q", "--cached", "conftest.py"), "conftest.py"),
        (
            lambda root: (root / "evidence").mkdir() or (root / "evidence/hook.py").write_text("code"),
            "evidence/hook.py",
        ),
    ],
    ids=["edited", "deleted", "untracked", "untracked below", "renamed", "staged", "forgotten", "code among outputs"],
)
def test_what_is_not_as_committed_is_a_change(root, change, named):
    """Edits, new files, deletions, renames; code counts wherever it lies."""
    change(root)

    assert named in changes(root)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_is_a_change(root, flag):
    """`git status` is silent about it, whatever its content."""
    run(root, "update-index", flag, "conftest.py")
    (root / "conftest.py").write_text("changed")
    assert run(root, "status", "--porcelain") == ""

    assert changes(root) == ("conftest.py",)


def test_an_input_that_git_ignores_is_a_change(root):
    """A spec that no commit holds cannot be looked up later; another ignored file is nobody's concern."""
    (root / "ignored").mkdir()
    (root / "ignored/spec.yaml").write_text("venue: acme")
    (root / "other.ignored").write_text("")

    assert changes(root, inputs=("ignored/spec.yaml",)) == ("ignored/spec.yaml",)
    assert changes(root) == ()


def test_an_input_elsewhere_is_a_change(root, tmp_path):
    """A file outside the repository is in no commit, nor is the target of a link in it."""
    outside = tmp_path / "outside.yaml"
    outside.write_text("venue: acme")
    (root / "link.yaml").symlink_to(outside)
    run(root, "add", "link.yaml")
    run(root, "commit", "-q", "-m", "link")

    assert changes(root, inputs=(outside,)) == (str(outside),)
    assert changes(root, inputs=("link.yaml",)) == (str(outside),)


def test_what_runs_write_is_no_change(root):
    """Evidence, reports and caches, tracked and edited or not tracked at all."""
    for name in ("evidence/bundle.jsonl", "out.json", "a/__pycache__/a.pyc", ".pytest_cache/v/x"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("first")
    assert changes(root) == ()
    run(root, "add", "-f", "evidence", "out.json")
    run(root, "commit", "-q", "-m", "evidence")
    (root / "evidence/bundle.jsonl").write_text("second")

    assert changes(root) == ()


def test_an_output_that_is_an_input_is_a_change(root):
    """A report place that holds the ini file hides nothing of it."""
    (root / "pytest.ini").write_text("changed")

    assert changes(root, outputs=("pytest.ini",)) == ("pytest.ini",)


def test_the_record_is_short_and_json(root):
    """Of many changes the first are named; a name of bytes is shown."""
    for number in range(MOST_CHANGES + 5):
        (root / f"new{number:03}").write_text("")
    (root / os.fsdecode(b"a\xff")).write_text("")

    tree = read_tree(root, Roles([], []))

    assert len(tree.changes) == MOST_CHANGES + 6
    named = json.loads(json.dumps(tree.record()))["changes"]
    assert len(named) == MOST_CHANGES
    assert named[0] == "a\\xff"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("core.pager", "touch PAGED"),
        ("core.fsmonitor", "touch MONITORED"),
        ("status.showUntrackedFiles", "no"),
        ("status.relativePaths", "true"),
        ("color.status", "always"),
        ("core.quotePath", "true"),
        ("status.short", "true"),
    ],
)
def test_no_configuration_changes_the_answer(root, name, value):
    """A pager, a monitor, or what a user likes to see."""
    run(root, "config", name, value)
    (root / "ünknown.py").write_text("")

    assert changes(root) == ("ünknown.py",)
    assert not {"PAGED", "MONITORED"} & {path.name for path in root.iterdir()}


def test_a_filter_does_not_hide_a_change(root):
    """One that gives back what was committed; it is not run."""
    run(root, "config", "filter.hide.clean", "touch FILTERED; git show HEAD:%f")
    run(root, "config", "filter.hide.required", "true")
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_text("* filter=hide\n")
    path = root / "pytest.ini"
    path.write_bytes(b"#" * path.stat().st_size)

    assert changes(root) == ("pytest.ini",)
    assert not (root / "FILTERED").exists()


PROGRAMS = (
    *("filter.hide.clean", "filter.hide.smudge", "filter.hide.process", "diff.hide.textconv", "diff.hide.command"),
    *("diff.external", "core.fsmonitor", "core.hooksPath", "core.editor", "core.pager", "core.sshCommand"),
    *("merge.hide.driver", "core.alternateRefsCommand", "credential.helper", "gpg.program", "interactive.diffFilter"),
)


@pytest.mark.parametrize("setting", PROGRAMS)
def test_no_program_that_a_repository_names_is_run(root, tmp_path, setting):
    """Filters, text conversions, monitors, hooks: neither is run, and neither hides a change."""
    hook, marker = tmp_path / "hooks/post-index-change", tmp_path / "RUN"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    run(root, "config", setting, str(hook.parent if setting == "core.hooksPath" else hook))
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_text("* filter=hide diff=hide merge=hide\n")
    os.utime(root / "conftest.py", (1, 1))
    (root / "pytest.ini").write_text("other\n")

    assert changes(root) == ("pytest.ini",)
    assert not marker.exists()


@pytest.mark.parametrize("attribute", ["export-ignore", "export-subst", "-diff", "binary", "linguist-generated"])
def test_no_attribute_hides_a_change(root, attribute):
    """What is left out of archives and listings is part of the tree all the same."""
    (root / ".gitattributes").write_text(f"* {attribute}\n")
    commit_all(root)
    assert changes(root) == ()
    (root / "pytest.ini").write_text("other\n")
    (root / "new.yaml").write_text("")

    assert changes(root) == ("new.yaml", "pytest.ini")


def test_a_change_through_another_name_of_a_file(root, tmp_path):
    """A hard link outside of the repository: who writes there writes here."""
    other = tmp_path / "other-name"
    os.link(root / "pytest.ini", other)
    assert changes(root) == ()

    other.write_text("other\n")

    assert changes(root) == ("pytest.ini",)


def test_another_tree_than_that_of_the_run(root, tmp_path):
    """`core.worktree` leads git to a clean place: what the run reads is not in it."""
    shutil.copytree(root, tmp_path / "clean")
    run(root, "config", "core.worktree", str(tmp_path / "clean"))
    (root / "pytest.ini").write_text("other\n")

    assert str(root / "pytest.ini") in changes(root)


def test_times_that_were_put_back_do_not_hide_a_change(root):
    """With `core.checkStat=minimal` git looks at size and whole seconds alone."""
    run(root, "config", "core.checkStat", "minimal")
    path, old = root / "pytest.ini", 1_000_000_000
    os.utime(path, (old, old))
    run(root, "update-index", "--refresh")
    time.sleep(1.01)  # git compares whole seconds of the time of change, which nobody can set
    path.write_bytes(b"#" * path.stat().st_size)
    os.utime(path, (old, old))

    assert changes(root) == ("pytest.ini",)


def test_the_variables_of_a_git_hook_do_not_lead_elsewhere(root, tmp_path, monkeypatch):
    """A run from a hook has `GIT_DIR` and `GIT_INDEX_FILE` set."""
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    (root / "pytest.ini").write_text("changed")

    assert changes(root) == ("pytest.ini",)


def test_asking_takes_no_lock(root):
    """The index stays as it was, byte for byte, though a file's times have changed."""
    os.utime(root / "pytest.ini", (1, 1))
    before = (root / ".git/index").read_bytes()

    read_tree(root, Roles([], []))

    assert (root / ".git/index").read_bytes() == before


def test_outside_of_a_repository_is_an_error(tmp_path):
    """One line that says so."""
    with pytest.raises(GitError, match="not a git repository"):
        read_tree(tmp_path, Roles([], []))


def test_without_a_commit_is_an_error(tmp_path):
    """There is nothing to compare with."""
    run(tmp_path, "init", "-q")
    with pytest.raises(GitError, match="git rev-parse"):
        read_tree(tmp_path, Roles([], []))


def test_without_git_is_an_error(root, monkeypatch):
    """A machine without git still runs."""
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(GitError, match="git: No such file"):
        git(root, "status")


def test_a_git_that_does_not_answer_is_an_error(root, monkeypatch):
    """A hanging file system delays a run, and does not stop it."""
    program = root / "git"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{root}:{os.environ['PATH']}")
    monkeypatch.setattr(git_module, "TIMEOUT_S", 0.05)
    with pytest.raises(GitError, match="git status: no answer"):
        git(root, "status")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:token@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://token@host:8443/a?private_token=x#y", "https://host:8443/a"),
        ("ssh://git@host:22/a/b", "ssh://host:22/a/b"),
        ("git@github.com:a/b.git", "github.com:a/b.git"),
        ("/srv/git/a@b.git", "/srv/git/a@b.git"),
    ],
)
def test_a_remote_is_shown_without_its_user(url, shown):
    """Tokens stand in user information and in queries."""
    assert without_user(url) == shown
