"""
What went wrong with a database, in one line for the reader. Places and secrets are the reader's matter (`reader`).
"""

import re

from sqlalchemy import URL

from pytest_darkhost.errors import CatalogError

_LONGEST = 300
_CAUSES = (
    (
        r"password|authentication|access denied|no pg_hba\.conf entry|role .* does not exist",
        "the server refuses the login",
        "expected a user that may log in. Check user and password in the URL",
    ),
    (
        r"database .* does not exist|unknown database",
        "the server has no such database",
        "expected one that exists. Check the last part of the URL",
    ),
    (
        r"time-?out|timed out",
        "it does not answer",
        "expected an answer within {timeout_s} s. Check host and port, and that the server runs",
    ),
)
_OTHER = ("it cannot be opened", "expected a database that can be reached. Check the URL, and that the server runs")
_PACKAGES = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "pymysql": "PyMySQL",
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
    "mariadb": "mariadb",
    "pg8000": "pg8000",
    "oracledb": "oracledb",
    "cx_Oracle": "cx_Oracle",
    "pyodbc": "pyodbc",
    "pymssql": "pymssql",
}


def said(error: BaseException) -> str:
    """Return a driver's message on one line, without what SQLAlchemy adds (statement, parameters, link)."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def unknown_dialect(url: URL) -> CatalogError:
    """Return the error for a database that SQLAlchemy does not know."""
    name = url.get_backend_name()
    if name == "postgres":
        return CatalogError(
            "'postgres' is no dialect of SQLAlchemy, expected 'postgresql'. Write postgresql+psycopg://"
        )
    return CatalogError(
        f"{url.drivername!r} is no dialect or driver that is installed, expected such as postgresql+psycopg or sqlite. "
        "Install the package that brings it, or correct the URL"
    )


def missing_driver(url: URL, error: ImportError) -> CatalogError:
    """Return the error for a driver that is not installed, with the package to install."""
    module = (error.name or url.get_driver_name()).partition(".")[0]
    other = " or write postgresql+psycopg:// for psycopg 3," if module == "psycopg2" else ""
    package = _PACKAGES.get(module, module)
    return CatalogError(
        f"the driver {module!r} cannot be imported, expected it to be installed. "
        f"Run pip install '{package}',{other} or name another driver in the URL"
    )


def async_driver(url: URL) -> CatalogError:
    """Return the error for a driver that only works inside an event loop."""
    return CatalogError(
        f"{url.get_driver_name()!r} is an async driver, expected a synchronous one. "
        "Name one in the URL, such as postgresql+psycopg or mysql+pymysql"
    )


def not_opened(error: BaseException, timeout_s: object) -> CatalogError:
    """Return the error for a connection that was not made."""
    text = said(error)
    found = ((what, rest) for pattern, what, rest in _CAUSES if re.search(pattern, text, re.IGNORECASE))
    what, expected = next(found, _OTHER)
    return CatalogError(f"{what} ({text}), {expected.format(timeout_s=timeout_s)}")


def not_read(error: BaseException) -> CatalogError:
    """Return the error for a statement that failed on an open connection."""
    text = said(error)
    if "statement timeout" in text:
        return CatalogError(f"a table stays locked ({text}), expected it to be readable. See who holds the lock")
    return CatalogError(f"it cannot be read ({text}), expected tables that this user may SELECT from")
