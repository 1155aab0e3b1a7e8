"""An interrupted shard waits until Athena's statements are stopped."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from s3_monitor.collect.athena_statements import RunningStatements


def waiting(statements: RunningStatements) -> threading.Thread:
    """Return a thread that waits until no statement is running."""
    thread = threading.Thread(target=statements.wait, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("count", [1, 2, 3])
def test_waiting_ends_when_the_last_statement_has_ended(count: int) -> None:
    statements = RunningStatements(threading.Event())
    statements.wait()
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(statements.running())
        with statements.running():
            pass
        thread = waiting(statements)
        thread.join(0.05)
        assert thread.is_alive()
    thread.join(5)
    assert not thread.is_alive()


def test_a_statement_that_fails_has_ended() -> None:
    statements = RunningStatements(threading.Event())
    with pytest.raises(ZeroDivisionError), statements.running():
        raise ZeroDivisionError
    thread = waiting(statements)
    thread.join(5)
    assert not thread.is_alive()
