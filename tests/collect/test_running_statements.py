"""An interrupted shard waits until Athena's statements are stopped."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from s3_monitor.collect.shard_context import RunningStatements


@pytest.mark.parametrize("count", [1, 2, 3])
def test_waiting_ends_when_the_last_statement_has_ended(count: int) -> None:
    statements = RunningStatements()
    assert statements.wait(0)
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(statements.running())
        for _ in range(count - 1):
            with statements.running():
                assert not statements.wait(0)
            assert not statements.wait(0)
    assert statements.wait(0)


def test_a_statement_that_fails_has_ended() -> None:
    statements = RunningStatements()
    with pytest.raises(ZeroDivisionError), statements.running():
        raise ZeroDivisionError
    assert statements.wait(0)


def test_waiting_continues_as_soon_as_the_statement_has_ended() -> None:
    statements = RunningStatements()
    results: list[bool] = []
    with statements.running():
        waiting = threading.Thread(target=lambda: results.append(statements.wait(300)), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(60)
    assert results == [True]
