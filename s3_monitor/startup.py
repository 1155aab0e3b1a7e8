"""Start the program, or print one line with the reason why this Python cannot run it.

The syntax is valid from Python 2.7 on: no annotations, no f-strings.
"""

import gc
import importlib
import os
import sys

OLDEST = (3, 11)
INTERRUPTED = 130  # exit status


def start(module="s3_monitor.cli.main"):
    # type: (str) -> None
    """Run the command line of a module and exit."""
    if sys.version_info < OLDEST:
        version = ".".join(str(number) for number in sys.version_info[:3])
        _refuse("s3-monitor needs Python 3.11 or newer, and %s is %s" % (_python(), version))
    gc.set_threshold(100000)  # modules and results are long-lived: searching them takes 20% of the CPU time
    try:
        importlib.import_module(module).main()
    except ImportError as error:  # of this import, or of a command's module
        name = _missing_library(error)
        if not name:
            raise
        _refuse("%s has no module %s" % (_python(), name))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _missing_library(error):
    # type: (ImportError) -> str
    """Return the name of the library that an ImportError misses; empty if it is something else."""
    name = (getattr(error, "name", None) or "").split(".")[0]
    return name if name not in ("s3_monitor", "bench") and type(error).__name__ == "ModuleNotFoundError" else ""


def _advice():
    # type: () -> str
    """Return which Python to use instead, or how to install."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for python in (os.path.join(".venv", "bin", "python"), os.path.join(".venv", "Scripts", "python.exe")):
        if os.path.exists(os.path.join(folder, python)):
            return "use %s instead" % os.path.join(folder, python)
    if os.path.exists(os.path.join(folder, "pyproject.toml")):
        return "install what it needs: `make demo` in %s, or `python3.11 -m pip install %s`" % (folder, folder)
    return "install it again: `python3 -m pip install s3-monitor`"


def _python():
    # type: () -> str
    return sys.executable or "this Python"


def _refuse(reason):
    # type: (str) -> None
    """Print the reason and the advice, and exit with status 2."""
    try:
        sys.stderr.write("s3-monitor: error: %s: %s\n" % (reason, _advice()))
    except Exception:  # a log that cannot be written costs only the log
        pass
    sys.exit(2)
