"""
Which columns name a row.
"""

from collections.abc import Collection, Sequence


def row_key(primary: Sequence[str], unique: Sequence[Sequence[str]], filled: Collection[str]) -> tuple[str, ...]:
    """
    Return the columns of the primary key, unless the database fills one of them and another unique key is not filled.

    `unique` are keys of columns that are never NULL, the best first. Without any key the answer is empty.
    """
    natural = [key for key in (primary, *unique) if key and not set(key) & set(filled)]
    candidates = natural or [key for key in (primary, *unique) if key]
    return tuple(candidates[0]) if candidates else ()
