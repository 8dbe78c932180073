"""Which files there are, and which of them `--venue` names."""

import pytest

from pytest_darkhost.errors import SpecError, UsageError
from pytest_darkhost.specs.discovery import choose, find_specs

NAMES = ("anthropic", "deepinfra", "groq", "local", "local-anthropic", "together")


@pytest.fixture
def specs(tmp_path):
    """Return the paths of six spec files, none of which could be parsed."""
    for name in NAMES:
        (tmp_path / f"{name}.yaml").write_text("][")
    return find_specs([tmp_path])


def stems(paths) -> list[str]:
    """Return the stems of paths."""
    return [path.stem for path in paths]


def test_spec_files_are_found_sorted_and_unparsed(tmp_path, specs):
    """Both endings count; hidden files, other files and files below do not."""
    for name in ("zeta.yml", ".hidden.yaml", "notes.md", "groq.yaml.bak"):
        (tmp_path / name).write_text("][")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "deep.yaml").write_text("")
    assert stems(find_specs([tmp_path])) == [*stems(specs), "zeta"] == [*NAMES, "zeta"]


def test_several_directories_make_one_list(tmp_path, specs):
    """A directory that does not exist holds none, and one that is given twice counts once."""
    other = tmp_path / "more"
    other.mkdir()
    (other / "beta.yaml").write_text("")
    found = find_specs([tmp_path, other, tmp_path / "missing", other / ".." / "more"])
    assert stems(found) == sorted([*NAMES, "beta"])


@pytest.mark.parametrize("second", ["groq.yml", "more/groq.yaml"])
def test_one_stem_in_two_files_is_a_usage_error(tmp_path, specs, second):
    """`--venue=groq` must mean one file."""
    path = tmp_path / second
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    with pytest.raises(UsageError, match="has the same stem, expected one file per venue") as caught:
        find_specs([tmp_path, tmp_path / "more"])
    assert not isinstance(caught.value, SpecError)
    assert str(path) in str(caught.value)
    assert str(tmp_path / "groq.yaml") in str(caught.value)


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        ((), NAMES),
        (("groq",), ("groq",)),
        (("together,groq",), ("groq", "together")),
        (("together", "groq, local"), ("groq", "local", "together")),
        (("local*",), ("local", "local-anthropic")),
        (("*",), NAMES),
        (("[dg]*", "groq"), ("deepinfra", "groq")),
        (("groq,",), ("groq",)),
        (("?roq",), ("groq",)),
    ],
)
def test_names_lists_and_globs_choose(specs, patterns, chosen):
    """Each file once, in the order of the files."""
    assert stems(choose(specs, patterns)) == list(chosen)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("togehter", "--venue=togehter: 'togehter' is no known venue, expected one of {}. Did you mean 'together'?"),
        ("Groq", "--venue=Groq: 'Groq' is no known venue, expected one of {}. Did you mean 'groq'?"),
        ("zzz", "--venue=zzz: 'zzz' is no known venue, expected one of {}"),
        ("zz*", "--venue=zz*: 'zz*' matches no venue, expected one of {}"),
        ("groq,nope*", "--venue=nope*: 'nope*' matches no venue, expected one of {}"),
        ("", "--venue: the value is empty, expected one of {}"),
        (" , ", "--venue: the value is empty, expected one of {}"),
    ],
)
def test_what_matches_nothing_is_a_usage_error(specs, pattern, text):
    """The near names, and all that are known."""
    with pytest.raises(UsageError) as caught:
        choose(specs, [pattern])
    assert str(caught.value) == text.format(", ".join(NAMES))


def test_without_any_spec_file_the_text_says_so():
    """A list of nothing would read like a fault of the text."""
    with pytest.raises(
        UsageError, match=r"--venue=groq: 'groq' is no known venue, expected a spec file: there is none$"
    ):
        choose((), ["groq"])
