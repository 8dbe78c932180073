"""
The console command `darkhost`, also `python -m pytest_darkhost`.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

from pytest_darkhost.commands import cassettes, key, new, report, schema, validate, verify
from pytest_darkhost.commands.activate import command as activate
from pytest_darkhost.commands.doctor import command as doctor
from pytest_darkhost.commands.init import command as init
from pytest_darkhost.commands.outcomes import REFUSED, USAGE
from pytest_darkhost.commands.surroundings import forget_output, is_here, open_streams
from pytest_darkhost.errors import ArgumentError, DarkhostError, UsageError
from pytest_darkhost.near import hint

COMMANDS = (
    init.add_command,
    doctor.add_command,
    new.add_command,
    activate.add_command,
    validate.add_command,
    schema.add_command,
    cassettes.add_command,
    verify.add_command,
    report.add_command,
    key.add_command,
)
"""In the order of the help."""
_UNKNOWN = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)")
_UNRECOGNIZED = re.compile(r"unrecognized arguments: (--[\w-]+)")
_WORD = re.compile(r"[\w-]+")


class _Parser(argparse.ArgumentParser):
    """Tells a near name where a word is unknown, as argparse itself does from Python 3.14 on."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and exit with 2."""
        if unknown := _UNKNOWN.search(message):
            message += hint(unknown[1], _WORD.findall(unknown[2]))
        elif unknown := _UNRECOGNIZED.search(message):
            message += hint(unknown[1], _options(self))
        super().error(message)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the options of a parser and of its sub-commands: argparse no longer knows which of them was typed."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _options(each)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command and return its exit code: 0 fine, 1 refused, 2 usage."""
    open_streams()
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # here, where what goes wrong can be said
    except DarkhostError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE if isinstance(error, ArgumentError) else REFUSED
    except BrokenPipeError:
        forget_output()  # whoever read has gone
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'darkhost'}: {error.strerror or error}, expected to read or write it\n")
        forget_output()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    return REFUSED


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if not hasattr(parsed, "run"):
        parser.print_help()
        return USAGE
    if not is_here():
        msg = "the current directory: it was deleted, expected one that is there. Change to another"
        raise UsageError(msg)
    return int(parsed.run(parsed))


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
