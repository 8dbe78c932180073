"""
Reads a catalog from any database that SQLAlchemy knows, without writing to it.
"""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.failures import not_read
from pytest_darkhost.catalog.location import hidden_values, parsed_url, shown
from pytest_darkhost.catalog.names import CatalogNames, HostNames, schema_of
from pytest_darkhost.catalog.rows import Catalog, CatalogSource
from pytest_darkhost.catalog.session import read_only
from pytest_darkhost.catalog.tables import has_table, rows
from pytest_darkhost.catalog.typed_rows import host_rows, model_rows, provider_rows
from pytest_darkhost.errors import CatalogError
from pytest_darkhost.secrets import Redactor

Result = TypeVar("Result")


def read_catalog(url: str, names: CatalogNames, redact: Callable[[str], str]) -> Catalog:
    """
    Return all providers and models of the database at `url`, in slug order, as they are in one transaction.

    A NULL in `active` is false, as in a WHERE clause; a NULL in `base_url` or `upstream_model` is an empty text, which
    equals no spec. `redact` removes keys of venues from what is shown; the URL's own secrets are removed in any case.
    Raises `CatalogError` on one line: for a URL, driver, server, login or file that does not serve, a table or column
    that is not there, a table of providers without rows, a slug that is missing or not unique, and a value of the
    wrong type.
    """
    result = _result(url, redact, lambda connection, location: catalog_on(connection, names, location))
    # A traceback that shows local variables must not show the URL's password.
    del url
    return _given(result)


def read_from(url: str, redact: Callable[[str], str], read: Callable[[Connection, str], Result]) -> Result:
    """
    Return what `read` makes of a read-only connection and of the location that may be shown.

    Raises `CatalogError` on one line with the location in front and every secret removed.
    """
    result = _result(url, redact, read)
    del url  # as in `read_catalog`
    return _given(result)


def _given(result: Result | CatalogError) -> Result:
    if isinstance(result, CatalogError):
        raise result
    return result


def _result(
    text: str, redact: Callable[[str], str], read: Callable[[Connection, str], Result]
) -> Result | CatalogError:
    """Return what was read, or the error with its place in front and every secret removed."""
    try:
        url = parsed_url(text)
    except CatalogError as error:
        return CatalogError(f"catalog URL: {error}")
    location = redact(shown(url))
    try:
        with read_only(url) as connection:
            return read(connection, location)
    except CatalogError as error:
        reason = str(error)
    except SQLAlchemyError as error:
        reason = str(not_read(error))
    return CatalogError(f"catalog {location}: {redact(Redactor.of(hidden_values(url)).clean(reason))}")


def catalog_on(connection: Connection, names: CatalogNames, location: str) -> Catalog:
    """
    Return what `read_catalog` does, read on a connection that is open already. Its errors have no place in front.

    Further hosts of a model (path B) are among the models: a host is a (model, venue) pair as a row of models is.
    """
    by_slug = bool(names.models.provider_slug)
    hosted = names.hosts.table != HostNames().table or has_table(connection, names.hosts)
    unused = {"provider_id" if by_slug else "provider_slug"} | (set() if hosted else {"id"})
    providers = rows(connection, names.providers, unused=frozenset({"id"} if by_slug and not hosted else ()))
    models = rows(connection, names.models, unused=frozenset(unused))
    hosts = rows(connection, names.hosts, unused=frozenset()) if hosted else ()
    return Catalog(
        source=CatalogSource.DATABASE,
        location=location,
        revision=revision_of(connection, names),
        providers=provider_rows(names, providers),
        models=(*model_rows(names, models, providers), *(host_rows(names, hosts, models, providers) if hosts else ())),
        dialect=connection.dialect.name,
        server_version=".".join(map(str, connection.dialect.server_version_info or ())) or None,
    )


def revision_of(connection: Connection, names: CatalogNames) -> str | None:
    """
    Return the heads in `alembic_version`, beside the providers or in the default schema.

    The rows are what counts: a user that may not read the versions is told `None`, as where there are none.
    """
    for place in dict.fromkeys((schema_of(names.providers), None)):
        try:
            if sa.inspect(connection).has_table("alembic_version", schema=place):
                table = sa.table("alembic_version", sa.column("version_num"), schema=place)
                heads = connection.execute(sa.select(table.c.version_num)).scalars().all()
                return ",".join(sorted(str(head) for head in heads)) or None
        except SQLAlchemyError:
            return None
    return None
