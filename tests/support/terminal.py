"""pytest on a pseudo-terminal, as somebody sees it."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

ROWS = 40


def on_a_terminal(*arguments: str, columns: int = 120) -> str:
    """Run pytest on a pseudo-terminal of a process of its own; return what it wrote."""
    reading, writing = pty.openpty()
    fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    # What Python knows of the environment, and no more: readline sets COLUMNS behind its back.
    process = subprocess.Popen(command, stdout=writing, stderr=writing, stdin=subprocess.DEVNULL, env=os.environ.copy())
    os.close(writing)
    output = []
    while True:
        try:
            data = os.read(reading, 65536)
        except OSError:
            break
        if not data:
            break
        output.append(data)
    process.wait()
    os.close(reading)
    return b"".join(output).decode()
