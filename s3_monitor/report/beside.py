"""Work in a second process, beside this one: a copy of it, which needs nothing handed over."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn


def can_be() -> bool:
    """There is a second processor, and a copy is safe: it has none of the threads, but any locks that they hold."""
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Does ``work`` in a copy of this process while the body runs, and waits for its end. Nothing comes of it but what
    it writes into files. OSError: that which it raised, or ChildProcessError where it ended in another way. It is
    killed where the body fails. Where there is no room for another process, it is done here, after the body."""
    reader, writer = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        yield
        work()
        return
    if child == 0:
        _end(work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        try:
            yield
            said = told.read()  # it closes its end when it ends, however that is
        except BaseException:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            raise
        finally:
            _, status = os.waitpid(child, 0)
    if said:
        raise OSError(*json.loads(said))
    if status:
        raise ChildProcessError(f"a second process for it {_ending(os.waitstatus_to_exitcode(status))}")


def _end(work: Callable[[], None], writer: int) -> NoReturn:
    """The copy's whole life. It must not return into what its original has begun."""
    status = 1
    try:
        work()
        status = 0
    except OSError as error:
        os.write(writer, json.dumps([error.errno or 0, error.strerror or str(error)]).encode())
    except KeyboardInterrupt:  # the original was interrupted too, and says so
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with status {code}"
    return f"was killed by {signal.Signals(-code).name}: perhaps there was not memory enough"
