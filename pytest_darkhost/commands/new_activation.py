"""
`darkhost new activation`: what the command line says, and what is said back.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from pytest_darkhost import variables
from pytest_darkhost.commands.activation_arguments import add_arguments, check_accepted
from pytest_darkhost.errors import ArgumentError

if TYPE_CHECKING:
    from pytest_darkhost.migrations.activations.writing import Request

_PATHS = ("A", "B", "C")
_NO_CATALOG = (
    "no catalog is named, expected the database with the row's values: "
    f"--catalog, ${variables.CATALOG_URL} or darkhost_catalog"
)


def add_command(new: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `activation` to `darkhost new`."""
    parser = new.add_parser("activation", help="write the Alembic revision that lights one model; applies nothing")
    add_arguments(parser)
    parser.add_argument(
        "--path",
        required=True,
        choices=_PATHS,
        help="the schema path that was authorised: A, a row per venue; B, a row of model_hosts; C, A and logical_slug",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the files and write none")
    parser.set_defaults(run=new_activation)


def new_activation(parsed: argparse.Namespace) -> int:
    """Write the revision, or print it. Returns the exit code; raises `UsageError` before anything is written."""
    from pytest_darkhost.migrations.activations.files import place, written
    from pytest_darkhost.migrations.activations.writing import drafts, next_step

    onto, made = drafts(_request(parsed))
    with written(made, onto) as files:
        if parsed.dry_run:
            for file in files:
                sys.stdout.write(f"# {onto.directory / file.name}\n{file.read_text(encoding='utf-8')}")
            return 0
        placed = place(files, onto.directory)
    for file in placed:
        sys.stdout.write(f"{file}\n")
    sys.stdout.write(
        f"{next_step(placed)}\nTo undo it once it is applied: alembic downgrade {made[-1].parts['a'].below}\n"
    )
    return 0


def _request(parsed: argparse.Namespace) -> "Request":
    from pytest_darkhost.commands.activation_project import alembic_of, catalog_of, names_of, shown, target_of
    from pytest_darkhost.migrations.activations.gates import SchemaPath
    from pytest_darkhost.migrations.activations.writing import Request
    from pytest_darkhost.suite.asking import project_here

    check_accepted(parsed.accept)
    project = project_here()
    catalog = catalog_of(parsed, project.settings)
    if catalog is None:
        raise ArgumentError(_NO_CATALOG)
    return Request(
        named=target_of(parsed, project.settings),
        path=SchemaPath(parsed.path),
        catalog=catalog,
        ini=shown(alembic_of(parsed, project)),
        names=names_of(parsed, project.settings),
        accepted=frozenset(parsed.accept),
        revision=parsed.revision,
    )
