"""
Runs of a key: parts of it that are long enough to give it away, and where they stand in a text.
"""

from collections.abc import Iterable, Iterator

LENGTH = 8
_WORD = 4
"""Wherever a run stands, a word of this length lies within it whose offset is a multiple of its length."""


def runs_of(form: str) -> set[str]:
    """
    Return the runs of one spelling of a key.

    A run of one kind of characters may be a word (`sk-canary`), which must not vanish wherever it stands.
    """
    runs = {form[start : start + LENGTH] for start in range(len(form) - LENGTH + 1)}
    kinds = (str.islower, str.isupper, str.isdigit)
    return {run for run in runs if sum(any(map(kind, run)) for kind in kinds) > 1}


def words_of(runs: Iterable[str]) -> frozenset[int]:
    """Return all words of runs, as the numbers that their bytes in Latin-1 are on this machine."""
    coded = (run.encode("latin-1", "replace") for run in runs)
    starts = range(LENGTH - _WORD + 1)
    return frozenset(word for run in coded for start in starts for word in _words(run[start : start + _WORD]))


def may_be_in(data: bytes, words: frozenset[int]) -> bool:
    """Return `False` only where no run with these words is in the data, which is gone through once for them all."""
    return not words.isdisjoint(_words(data))


def spans(runs: Iterable[str], text: str) -> list[tuple[int, int]]:
    """Return where runs begin and end in a text, joined where they overlap or touch."""
    found: list[tuple[int, int]] = []
    for start in sorted(start for run in runs if run in text for start in _places(run, text)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], start + LENGTH)
        else:
            found.append((start, start + LENGTH))
    return found


def _words(data: bytes) -> memoryview:
    whole = len(data) - len(data) % _WORD
    return memoryview(data)[:whole].cast("I")


def _places(run: str, text: str) -> Iterator[int]:
    start = text.find(run)
    while start >= 0:
        yield start
        start = text.find(run, start + 1)
