"""
`darkhost report`: one HTML file to look at, from an evidence folder or from single reports.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.commands.outcomes import FINE, REFUSED, typed
from pytest_darkhost.errors import ArgumentError, UsageError
from pytest_darkhost.whole_files import replace_file

if TYPE_CHECKING:
    from pytest_darkhost.evidence.keys import PublicKey
    from pytest_darkhost.report_page.sources import Source

_DEFAULT = Path("report.html")


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `report` to the console command."""
    parser = commands.add_parser(
        "report", help="make one HTML file to look at of evidence or reports; needs no network"
    )
    parser.add_argument(
        "places",
        nargs="+",
        type=Path,
        metavar="PLACE",
        help="an evidence folder, or a report such as .darkhost/report.json",
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=_DEFAULT, metavar="HTML", help=f"default: {_DEFAULT}; overwritten"
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        type=Path,
        metavar="PUB",
        help="a public key that you were given another way than the folder; without one, signatures are not checked "
        "(repeatable)",
    )
    parser.add_argument(
        "--head", action="append", default=[], metavar="SHA256", help="a head that was noted elsewhere (repeatable)"
    )
    parser.set_defaults(run=report)


def report(parsed: argparse.Namespace) -> int:
    """Write the page. Returns the exit code: 0 written, 1 refused, 2 usage. A refusal is on the page, too."""
    from pytest_darkhost import __version__
    from pytest_darkhost.report_page.page import page_of
    from pytest_darkhost.report_page.rendering import need_libraries, rendered

    need_libraries()
    keys = _keys(parsed)
    for problem in _unusable(parsed):
        raise ArgumentError(problem)
    sources = _sources(parsed, keys)
    _write(parsed.output, rendered(page_of(sources, __version__)))
    sys.stdout.write(f"{parsed.output}: {', '.join(f'{each.place} {each.belief}' for each in sources)}\n")
    return _refused(sources)


def _keys(parsed: argparse.Namespace) -> "list[PublicKey]":
    """Return the keys that were given. Raises `ArgumentError` for one that is none, and for a head that is none."""
    from pytest_darkhost.evidence.heads import check_digests
    from pytest_darkhost.evidence.keys import load_public

    with typed():
        check_digests(parsed.head)
        return [load_public(path) for path in parsed.key]


def _unusable(parsed: argparse.Namespace) -> Iterator[str]:
    """Yield what is wrong with the command line."""
    for place in parsed.places:
        if not place.exists():
            yield f"{place}: not there, expected an evidence folder, or a report such as .darkhost/report.json"
    if parsed.output.is_dir():
        yield f"{parsed.output}: a directory, expected the name of a file such as {parsed.output / _DEFAULT}"
    if any(parsed.output.resolve().is_relative_to(place.resolve()) for place in parsed.places):
        yield f"{parsed.output}: lies in what is read, expected another place for what is written"
    if parsed.head and not parsed.key:
        yield "--head: looked for in what is verified, expected --key, too"


def _write(output: Path, page: str) -> None:
    try:
        replace_file(output, page.encode())
    except OSError as error:
        msg = f"{output}: {error.strerror or error}, expected a place where the page can be written"
        raise UsageError(msg) from None


def _refused(sources: "list[Source]") -> int:
    """Say what is refused. Returns the exit code."""
    from pytest_darkhost.report_page.sources import Belief

    refused = [each for each in sources if each.belief is Belief.REFUSED]
    for each in refused:
        sys.stderr.write(f"REFUSED {each.facts[0][1]}\n")
    return REFUSED if refused else FINE


def _sources(parsed: argparse.Namespace, keys: "list[PublicKey]") -> "list[Source]":
    from pytest_darkhost.evidence.heads import Heads
    from pytest_darkhost.report_page.page import anchor_of
    from pytest_darkhost.report_page.sources import read_folder, read_report

    return [
        read_folder(place, keys, Heads(parsed.head), anchor_of(number))
        if place.is_dir()
        else read_report(place, anchor_of(number))
        for number, place in enumerate(parsed.places)
    ]
