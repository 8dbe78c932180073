"""pytest as a process that heeds Ctrl-C, also where the tests themselves run in the background of a shell."""

import sys

_CODE = (
    "import signal, sys, pytest;"
    "signal.signal(signal.SIGINT, signal.default_int_handler);"
    "sys.exit(pytest.main(sys.argv[1:]))"
)
PYTEST = (sys.executable, "-c", _CODE)
"""A shell's background jobs, and all that they start, ignore SIGINT; this undoes it for one process."""
