"""
The embedded venue: `python -m pytest_darkhost.local.model_server --port N` serves the cached model on loopback.

Every byte on the wire is llama.cpp's, from its own HTTP server in the `xllamacpp` wheel. It has a process of its own
because it would share the interpreter and a core with the clock otherwise. It fetches nothing (`model_file` does).
"""

import argparse
import os
import signal
import stat
import sys
import threading
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_darkhost import variables
from pytest_darkhost.errors import UsageError
from pytest_darkhost.local.model_file import model_path

ALIAS = "smollm2-135m-instruct"
CONTEXT_TOKENS = 2048
_STDIN = 0


def key_of(environment: MutableMapping[str, str]) -> str:
    """
    Return the key that clients must send, and take it out of the environment.

    Raises `UsageError` when there is none: llama.cpp would then serve anybody, and a refused key would be answered.
    """
    key = environment.pop(variables.SERVE_KEY, "")
    if not key.strip():
        msg = f"{variables.SERVE_KEY}: it is not set, expected the key that the server asks for"
        raise UsageError(msg)
    return key


def server_parameters(xllamacpp: Any, *, model: Path, port: int, key: str) -> Any:
    """Return llama.cpp's parameters. One thread: two are ten times slower where the other core is busy."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {ALIAS}
    parameters.offline = True
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.api_keys = [key]
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.cache_ram_mib = 0
    parameters.fit_params = False
    parameters.ui = False
    return parameters


def end_with_parent() -> None:
    """
    End this process when the standard input ends, if that is a pipe: whoever started it is gone then.

    This needs no cooperation of a parent that is killed, and works on Linux and macOS alike.
    """
    with suppress(OSError):  # the standard input may be closed
        if stat.S_ISFIFO(os.fstat(_STDIN).st_mode):
            threading.Thread(target=_end_at_end_of_input, daemon=True).start()


def _end_at_end_of_input() -> None:
    while os.read(_STDIN, 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)  # nothing needs tidying, and a signal handler might have to wait


def serve(port: int) -> None:
    """Serve until a signal or the end of the parent. Raises `UsageError` with one line when it cannot."""
    key = key_of(os.environ)
    model = model_path()
    if not model.is_file():
        msg = f"{model}: no such file, expected the model. Type `python -m pytest_darkhost.local.model_file` first"
        raise UsageError(msg)
    try:
        import xllamacpp
    except ImportError as error:
        # What to do stands first: who shows the last words of a server that did not start may cut their end off.
        msg = f"type `pip install 'pytest-darkhost[local]'`: xllamacpp cannot be imported ({error}), expected it"
        raise UsageError(msg) from None
    try:
        server = xllamacpp.Server(server_parameters(xllamacpp, model=model, port=port, key=key))
    except RuntimeError as error:
        msg = (
            f"127.0.0.1:{port}: llama.cpp did not start, expected a free port and a model that loads. It says: {error}"
        )
        raise UsageError(msg) from None
    print(f"serving {ALIAS} on {server.listening_address}", flush=True)  # noqa: T201
    threading.Event().wait()


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535:
        return int(text)
    msg = f"{text!r} is not a port, expected a number from 1 to 65535"
    raise argparse.ArgumentTypeError(msg)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 1 after one line on the standard error when it cannot serve."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # the kernel ends the process, even while the model loads
    parser = argparse.ArgumentParser(prog="model_server", description="Serves the embedded model on 127.0.0.1.")
    parser.add_argument("--port", type=_port, required=True, help="the port to listen on, 1 to 65535")
    options = parser.parse_args(arguments)
    end_with_parent()
    try:
        serve(options.port)
    except UsageError as error:
        print(f"model server: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
