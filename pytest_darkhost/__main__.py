"""
The console command `darkhost`, also `python -m pytest_darkhost`.
"""

import argparse
import io
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from pytest_darkhost.commands import cassettes, key, new, report, schema, validate, verify
from pytest_darkhost.commands.doctor import command as doctor
from pytest_darkhost.commands.init import command as init
from pytest_darkhost.commands.near import hint
from pytest_darkhost.commands.outcomes import REFUSED, USAGE
from pytest_darkhost.errors import DarkhostError

COMMANDS = (
    init.add_command,
    doctor.add_command,
    new.add_command,
    validate.add_command,
    schema.add_command,
    cassettes.add_command,
    verify.add_command,
    report.add_command,
    key.add_command,
)
"""In the order of the help."""
_UNKNOWN = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)")
_WORD = re.compile(r"[\w-]+")


class _Parser(argparse.ArgumentParser):
    """Tells a near name where a word is unknown, as argparse itself does from Python 3.14 on."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and exit with 2."""
        unknown = _UNKNOWN.search(message)
        super().error(message + hint(unknown[1], _WORD.findall(unknown[2])) if unknown else message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command and return its exit code: 0 fine, 1 refused, 2 usage."""
    _print_whatever_it_is()
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if not hasattr(parsed, "run"):
        parser.print_help()
        return USAGE
    try:
        return int(parsed.run(parsed))
    except DarkhostError as error:
        sys.stderr.write(f"{error}\n")
    except BrokenPipeError:
        sys.stderr.close()  # whoever read has gone, and Python would complain of it at the end
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'darkhost'}: {error.strerror or error}, expected to read or write it\n")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    return REFUSED


def _print_whatever_it_is() -> None:
    """Have escapes for what the output's encoding has not: names are not ours to choose, and a CI log may be ASCII."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    from pytest_darkhost import __version__

    parser: argparse.ArgumentParser = _Parser(
        prog="darkhost", description="Proves an LLM host before a team lights it."
    )
    parser.add_argument("--version", action="version", version=f"pytest-darkhost {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
