"""Run `plan` with the parameters of a build.

Expects: the parameters as PARAM_<NAME> in the environment (parameters.py), the file of credentials.py and the
credentials that the Jenkinsfile has bound for it, and the bundle. Produces: the folder of the plan, in it the
prices for the report (prices.tsv, and prices.json for a file of the workspace), and a line with the chosen values for
the build description. Exit status as of `plan`; 2 if a parameter is invalid, before any request.

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
    PARAMETERS,
    TABLE,
    InvalidInputError,
    price_source,
    quote,
    read_parameters,
    shards_file_path,
    write_description,
)
from run_bundle import run_bundle


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
        matrix = None if prices == BUNDLED or prices.startswith(TABLE) else read_price_file(prices, arguments.program)
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
        write_price_source(arguments.out, prices, matrix, chosen.get("PROFILE", [""])[0])
    write_description(arguments.description, build_description(chosen, arguments.out / "shards.tsv"))
    return status


def plan_options(chosen: Mapping[str, list[str]], workspace: Path) -> list[str]:
    """Return the options of `plan`. Raises InvalidInputError if the shards file is outside the workspace."""
    shards_file = shards_file_path(chosen, workspace)
    values = {**chosen, "SHARDS_FILE": [shards_file] if shards_file else []}
    given = ((parameter.option, values.get(parameter.name, [])) for parameter in PARAMETERS if parameter.option)
    return [f"{option}={value}" for option, chosen_values in given for value in chosen_values]


def read_price_file(file: str, program: Path) -> bytes:
    """Return the content of a price file. Raises InvalidInputError, with the program's message, if it is invalid.

    It is checked now, because it is used only after all shards.
    """
    command = [sys.executable, str(program), "prices", "show", f"--prices={file}"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - no shell
        raise InvalidInputError(f"PRICES: {quote(file)} is not a price file; the line above has the reason")
    return Path(file).read_bytes()


def write_price_source(folder: Path, prices: str, matrix: bytes | None, profile: str) -> None:
    """Write prices.tsv for aggregate.py, which may run on another agent: the price source, a tab, the profile."""
    if matrix is not None:
        (folder / "prices.json").write_bytes(matrix)
        prices = (folder / "prices.json").as_posix()
    (folder / "prices.tsv").write_text(f"{prices}\t{profile}\n", encoding="utf-8")


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
