"""Commands in this process: their exit status, standard output and standard error."""

from __future__ import annotations

from typing import Any, NamedTuple

import click
import pytest

from s3_monitor.cli.exit_status import report_error, show_usage_error
from s3_monitor.cli.main import cli
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError


class Done(NamedTuple):
    """The result of a command."""

    status: int
    out: str
    err: str


class Commands:
    """Runs commands. ``streams.install`` is left out: pytest captures the streams."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Done:
        try:
            result: Any = cli.main([*map(str, arguments)], prog_name="s3-monitor", standalone_mode=False)
            status = result if isinstance(result, int) else 0
        except click.ClickException as error:
            show_usage_error(error)
            status = 2
        except (UserError, InvalidFileError, AwsError) as error:
            status = report_error(error)
        out, err = self._capsys.readouterr()
        return Done(int(status), out, err)
