"""`s3-monitor` and `python3 -m s3_monitor`: the commands, and without one the one-shot monitor."""

from __future__ import annotations

import importlib
import sys

import click

from s3_monitor import __version__
from s3_monitor.cli import signals, streams
from s3_monitor.cli.exit_status import ExitStatus, print_status, report_error, show_usage_error
from s3_monitor.cli.scan import scan_options
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError

# Imported only when called: `collect` and `plan` do not load jinja2, and `aggregate` does not load boto3.
_COMMANDS = ("plan", "collect", "aggregate", "run", "demo", "doctor", "prices", "tags")


class CommandGroup(click.Group):
    """The commands by name, each in a module of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; return None if there is none of this name."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"s3_monitor.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="s3-monitor")
@scan_options
@click.pass_context
def cli(ctx: click.Context, /, **options: object) -> None:
    """Report the size and cost of S3 buckets.

    Without a COMMAND, read one account now and print a JSON list with one record per bucket.

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

        ctx.exit(scan(options))
    misplaced = [
        parameter.opts[-1]
        for parameter in ctx.command.params
        if parameter.name and ctx.get_parameter_source(parameter.name) is click.core.ParameterSource.COMMANDLINE
    ]
    if misplaced:
        command = ctx.invoked_subcommand
        raise click.UsageError(f"{', '.join(misplaced)} must follow the command: `s3-monitor {command} …`")


def main() -> None:
    """Run the command line and exit with its status. No other function exits normally."""
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
    """Run the command; return the exit status."""
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
