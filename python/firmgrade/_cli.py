"""The console script: the Rust command line, run inside the extension module."""

import signal
import sys

from firmgrade._firmgrade import run_command_line


def main() -> int:
    """Run the command line with this process's arguments; the result is its exit code."""
    # Python's handler would wait for the Rust code to come back; the system's ends the process at once, as for any program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command_line(sys.argv)
