"""
The end of the process: its memory goes back as a whole, and is not taken apart object by object first.

With SQLAlchemy and Alembic imported, the interpreter's own last rounds of its garbage collector take more than 0.1 s.
By then pytest has run its own, which tell of what tests have left behind, and exit handlers run as ever. What is left
out are finalizers of objects that are still in use by a cycle, such as a class: of those the language promises nothing
(Python language reference, `object.__del__`).
"""

import atexit
import gc


def end_at_once() -> None:
    """Let the process end so, whenever it ends. Twice does no harm."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
