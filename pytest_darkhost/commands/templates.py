"""
Texts with blanks to fill in, `%{name}`: a dollar sign and braces mean something in workflows and in YAML.
"""

import string
from importlib.resources import files


class _Template(string.Template):
    delimiter = "%"


def filled(package: str, name: str, **blanks: str) -> str:
    """Return the template of this name in the directory `templates` of a package, with its blanks filled in."""
    text = files(package).joinpath("templates", name).read_text(encoding="utf-8")
    return _Template(text).substitute(blanks)
