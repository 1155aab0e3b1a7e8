"""Run `plan` with the parameters of a build.

Expects: the parameters as PARAM_<NAME> in the environment (parameters.py), the file of credentials.py and the
credentials that the Jenkinsfile has bound for it, and the bundle. Produces: the folder of the plan, in it the
inputs of the report (prices.tsv, and copies of files of the workspace: prices.json, policies.yaml, previous.json), and
a line with the chosen values for the build description. Exit status as of `plan`; 2 if a parameter is invalid, before
any request.

Each value is one argument of a program that is started without a shell, in the form --option=value.

    PARAM_REGION="us-east-1, eu-west-1" python3 jenkins/plan.py --program s3-monitor.pyz --out plan
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from credentials import alias_profiles, merged_environment
from parameters import (
    BUNDLED,
    NO_COMPARISON,
    PARAMETERS,
    TABLE,
    InvalidInputError,
    price_source,
    quote,
    read_parameters,
    shards_file_path,
    workspace_file,
    write_description,
)
from run_bundle import load_program, run_bundle


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="Bundle.")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Folder of the plan.")
    parser.add_argument("--credentials", type=Path, metavar="FILE", help="File that jenkins/credentials.py wrote.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="File for one line about the build.")
    arguments = parser.parse_args()
    try:
        chosen = read_parameters(os.environ)
        options = plan_options(chosen, Path.cwd())
        prices = price_source(chosen, Path.cwd())
        inputs = report_inputs(chosen, prices, arguments.program, Path.cwd())
        if arguments.credentials:
            options += [
                f"--credentials-profile={id_}={profile}" for id_, profile in alias_profiles(arguments.credentials)
            ]
        command = [str(arguments.program), "plan", *options, f"--out={arguments.out}"]
        with merged_environment(os.environ, arguments.credentials) as environment:
            status = run_bundle(command, environment)
    except InvalidInputError as error:
        sys.stderr.write(f"jenkins/plan.py: error: {error}\n")
        write_description(arguments.description, f"rejected: {str(error).split(':')[0]}")
        return 2
    if (arguments.out / "shards.tsv").is_file():
        write_inputs(arguments.out, prices, inputs, chosen.get("PROFILE", [""])[0])
    write_description(arguments.description, build_description(chosen, arguments.out / "shards.tsv"))
    return status


def plan_options(chosen: Mapping[str, list[str]], workspace: Path) -> list[str]:
    """Return the options of `plan`. Raises InvalidInputError if the shards file is outside the workspace."""
    shards_file = shards_file_path(chosen, workspace)
    values = {**chosen, "SHARDS_FILE": [shards_file] if shards_file else []}
    given = ((parameter.option, values.get(parameter.name, [])) for parameter in PARAMETERS if parameter.option)
    return [f"{option}={value}" for option, chosen_values in given for value in chosen_values]


def report_inputs(chosen: Mapping[str, list[str]], prices: str, program: Path, workspace: Path) -> dict[str, bytes]:
    """Return the files of the workspace that the report needs, by their name in the folder of the plan.

    They are validated and copied now, because the report runs after all shards, perhaps on another agent. Raises
    InvalidInputError.
    """
    inputs = {}
    if prices != BUNDLED and not prices.startswith(TABLE):
        inputs["prices.json"] = read_price_file(prices, program)
    if policies := chosen.get("POLICIES"):
        inputs["policies.yaml"] = read_policies(workspace_file("POLICIES", policies[0], workspace), program)
    if (previous := chosen.get("PREVIOUS")) and previous != [NO_COMPARISON]:
        file = workspace_file("PREVIOUS", previous[0], workspace)
        inputs["previous.json"] = read_summary(file, program)
    return inputs


def read_price_file(file: str, program: Path) -> bytes:
    """Return the content of a price file. Raises InvalidInputError, with the program's message, if it is invalid."""
    command = [sys.executable, str(program), "prices", "show", f"--prices={file}"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - no shell
        raise InvalidInputError(f"PRICES: {quote(file)} is not a price file; the line above has the reason")
    return Path(file).read_bytes()


def read_policies(file: str, program: Path) -> bytes:
    """Return the content of a policies file. Raises InvalidInputError if it is invalid."""
    load_program(program)
    from s3_monitor.model.errors import UserError
    from s3_monitor.plan import policies_file

    try:
        policies_file.load(Path(file))
    except UserError as error:
        raise InvalidInputError(f"POLICIES: {error}") from None
    return Path(file).read_bytes()


def read_summary(file: str, program: Path) -> bytes:
    """Return the content of an earlier summary.json. Raises InvalidInputError if it is invalid."""
    load_program(program)
    from s3_monitor.model import previous_summary
    from s3_monitor.model.errors import InvalidFileError

    try:
        previous_summary.read(Path(file))
    except InvalidFileError as error:
        raise InvalidInputError(f"PREVIOUS: {error}") from None
    return Path(file).read_bytes()


def write_inputs(folder: Path, prices: str, inputs: Mapping[str, bytes], profile: str) -> None:
    """Write the inputs of aggregate.py, and prices.tsv: the price source, a tab, the profile."""
    for name, content in inputs.items():
        (folder / name).write_bytes(content)
    source = (folder / "prices.json").as_posix() if "prices.json" in inputs else prices
    (folder / "prices.tsv").write_text(f"{source}\t{profile}\n", encoding="utf-8")


def build_description(chosen: Mapping[str, list[str]], shards: Path) -> str:
    """Return the chosen values and the number of shards, on one line."""
    phrases = [
        f"{parameter.title} {', '.join(chosen[parameter.name])}" for parameter in PARAMETERS if parameter.name in chosen
    ]
    count = len(shards.read_text(encoding="utf-8").splitlines()) if shards.is_file() else 0
    planned = f"{count} shard{'s' if count != 1 else ''}" if count else "not planned"
    line = "; ".join([*phrases, planned])
    return line if len(line) <= 500 else line[:499] + "…"


if __name__ == "__main__":
    sys.exit(main())
