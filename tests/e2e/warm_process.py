"""A process that has loaded the program and forks a child for each command: real processes without the start-up.

An order a line on standard input: the module or script, its arguments, environment, folder, the files for its output
and its time in seconds. An exit status a line on standard output, negative for a signal.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import sys
import traceback
from typing import Any, NoReturn


def load(package: str) -> None:
    """Import what the program's commands would; but DuckDB has threads, which do not survive a fork."""
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not module.name.endswith(("__main__", ".duck")) and ".simulator" not in module.name:
            importlib.import_module(module.name)


def become(order: dict[str, Any]) -> NoReturn:
    """Run the command in this process, to its end."""
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, order["out"], os.O_WRONLY | os.O_CREAT),
        (2, order["err"], os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = [order["program"], *order["arguments"]]
    signal.alarm(order["seconds"])
    status = status_of(order["program"])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # taking everything down again takes longer than most commands


def status_of(program: str) -> int:
    """Return the exit status of the program, as the interpreter computes it."""
    try:
        if program.endswith(".py"):
            runpy.run_path(program, run_name="__main__")
        else:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    load("s3_monitor")
    gc.freeze()  # a child that collects garbage would copy everything
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            become(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
