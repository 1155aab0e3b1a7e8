"""`s3-monitor` and `python3 -m s3_monitor`: the verbs, and the one-shot monitor where none is given."""

from __future__ import annotations

import importlib
import sys

import click

from s3_monitor import __version__
from s3_monitor.cli import signals, streams
from s3_monitor.cli.exit_status import ExitStatus, print_status, report_error, show_usage_error
from s3_monitor.cli.scan import scan_options
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError

# Imported only when called: `collect` and `plan` must not pay for jinja2, nor `aggregate` for boto3.
_VERBS = ("plan", "collect", "aggregate", "run", "demo", "prices", "tags")


class Verbs(click.Group):
    """The verbs by name, each in a module of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"s3_monitor.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="s3-monitor")
@scan_options
@click.pass_context
def cli(ctx: click.Context, /, **choices: object) -> None:
    """What is in S3 buckets, and what it costs.

    Without a verb: ask one account now and print a JSON list, a record a bucket.

    \b
    Examples:
      s3-monitor -p user1-dev
      s3-monitor -p user1-dev -r us-east-2
      s3-monitor -p user1-dev -b my-bucket
      s3-monitor -p user1-dev -b 'logs-*' -o buckets.json
      s3-monitor -p user1-dev -b 's3://my-bucket/Folder/SubFolder/log*'
      s3-monitor -p user1-dev -r us-west-1 -s StandardStorage
      s3-monitor -p user1-dev --format table --group-by region
      s3-monitor run --shards shards.yaml --out out
      s3-monitor demo
    """
    if ctx.invoked_subcommand is None:
        from s3_monitor.cli.scan import scan

        ctx.exit(scan(choices))
    given = [
        parameter.opts[-1]
        for parameter in ctx.command.params
        if parameter.name in choices
        and ctx.get_parameter_source(parameter.name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        verb = ctx.invoked_subcommand
        raise click.UsageError(f"{', '.join(given)} before the verb: options go behind it, `s3-monitor {verb} …`")


def main() -> None:
    """Run the command line. The one place that exits."""
    streams.install()
    with signals.handled(signals.leave):
        try:
            status = _run()
            sys.stdout.flush()
        except streams.StandardOutputError as error:
            status = report_error(error)
    signals.keep_status(status)
    sys.exit(status)


def _run() -> int:
    """Return the exit status."""
    try:
        status = cli.main(prog_name="s3-monitor", standalone_mode=False)
    except click.ClickException as error:
        show_usage_error(error)
        return ExitStatus.USAGE
    except (click.Abort, KeyboardInterrupt):
        print_status("interrupted")
        return ExitStatus.INTERRUPTED
    except (UserError, InvalidFileError, AwsError) as error:
        return report_error(error)
    return status if isinstance(status, int) else 0
