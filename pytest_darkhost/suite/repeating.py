"""
The command that repeats one item, from the directory where pytest was started, with the options that were typed.
"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_darkhost.errors import CatalogError
from pytest_darkhost.suite.settings import NO_CATALOG


def command(config: pytest.Config, nodeid: str, path: Path, *, live: bool) -> str:
    """
    Return the command that repeats one item.

    What ini files and the environment say is not repeated: it holds again. A catalog whose URL hides a secret is
    shown as `…`, for the reader to fill in.

    :param path: the file of the item.
    """
    words = ("pytest", *(("-m live",) if live else ()), *_root(config, path), *_typed_options(config))
    return " ".join((*words, shlex.quote(_typed_id(config, nodeid, path))))


def _typed_id(config: pytest.Config, nodeid: str, path: Path) -> str:
    if config.invocation_params.dir == config.rootpath:
        return nodeid
    return _from_here(config, path) + nodeid[nodeid.find("::") :]


def _from_here(config: pytest.Config, path: Path) -> str:
    return Path(os.path.relpath(path, config.invocation_params.dir)).as_posix()


def _root(config: pytest.Config, path: Path) -> Iterator[str]:
    """Yield the options that say where the root directory is."""
    option = config.option
    # pytest looks for the ini file above its arguments: it would not find it from a spec that lies elsewhere.
    outside = not path.is_relative_to(config.rootpath)
    if option.inifilename:
        yield f"-c {shlex.quote(str(option.inifilename))}"
    elif outside and config.inipath:
        yield f"-c {shlex.quote(_from_here(config, config.inipath))}"
    if option.rootdir:
        yield f"--rootdir={shlex.quote(str(option.rootdir))}"
    elif outside and not config.inipath:
        yield f"--rootdir={shlex.quote(_from_here(config, config.rootpath))}"


def _typed_options(config: pytest.Config) -> Iterator[str]:
    option = config.option
    if _typed(config, "--darkhost-catalog"):
        yield f"--darkhost-catalog={_catalog(option.darkhost_catalog)}"
    if _typed(config, "--darkhost-max-cost"):
        yield f"--darkhost-max-cost={shlex.quote(option.darkhost_max_cost)}"
    if _typed(config, "--darkhost-quick"):
        yield "--darkhost-quick"


def _typed(config: pytest.Config, flag: str) -> bool:
    return any(str(word).partition("=")[0] == flag for word in config.invocation_params.args)


def _catalog(url: str) -> str:
    if url == NO_CATALOG:
        return url
    from pytest_darkhost.catalog.location import parsed_url, shown

    try:
        harmless = shown(parsed_url(url)) == url
    except CatalogError:
        harmless = False
    return shlex.quote(url) if harmless else "…"
