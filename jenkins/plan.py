"""Turns the parameters of a build into one call of `plan`.

Expects: the parameters as PARAM_<NAME> in the environment (parameters.py), the file that credentials.py has written
and what the Jenkinsfile has bound for it, and the bundle. Produces: the plan's folder, with the prices for the report
beside the plan (prices.tsv; prices.json, where they are a file of the workspace), and a line that says what was chosen,
for the build's description. Exits as `plan` does; 2 where a parameter is refused, before anything is asked.

A value becomes one argument of a program started without a shell, in the form --option=value.

    PARAM_REGION="us-east-1, eu-west-1" python3 jenkins/plan.py --program s3-monitor.pyz --out plan
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from credentials import environment_of, profiles_of
from parameters import BUNDLED, PARAMETERS, TABLE, Refused, choices, chosen_prices, chosen_shards_file, describe, quoted
from program import run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="The bundle.")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Where plan.json goes.")
    parser.add_argument("--credentials", type=Path, metavar="FILE", help="What jenkins/credentials.py has written.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="Where the line about the build goes.")
    arguments = parser.parse_args()
    try:
        chosen = choices(os.environ)
        options = as_options(chosen, Path.cwd())
        prices = chosen_prices(chosen, Path.cwd())
        matrix = None if prices == BUNDLED or prices.startswith(TABLE) else matrix_in(prices, arguments.program)
        if arguments.credentials:
            options += [f"--credentials-profile={one}={its}" for one, its in profiles_of(arguments.credentials)]
        command = [str(arguments.program), "plan", *options, f"--out={arguments.out}"]
        with environment_of(os.environ, arguments.credentials) as environment:
            status = run(command, environment)
    except Refused as error:
        sys.stderr.write(f"jenkins/plan.py: error: {error}\n")
        describe(arguments.description, f"refused: {str(error).split(':')[0]}")
        return 2
    if (arguments.out / "shards.tsv").is_file():
        keep_prices(arguments.out, prices, matrix, chosen.get("PROFILE", [""])[0])
    describe(arguments.description, description(chosen, arguments.out / "shards.tsv"))
    return status


def as_options(chosen: Mapping[str, list[str]], workspace: Path) -> list[str]:
    """The choices as options of `plan`. Refused where the shards file is not one of the workspace's."""
    shards_file = chosen_shards_file(chosen, workspace)
    values = {**chosen, "SHARDS_FILE": [shards_file] if shards_file else []}
    return [f"{one.option}={value}" for one in PARAMETERS if one.option for value in values.get(one.name, [])]


def matrix_in(file: str, program: Path) -> bytes:
    """The file's bytes. Refused where the program does not take it for prices, in the program's words: after the night
    it would be too late."""
    command = [sys.executable, str(program), "prices", "show", f"--prices={file}"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - no shell
        raise Refused(f"PRICES: {quoted(file)} holds no prices; the line above says why")
    return Path(file).read_bytes()


def keep_prices(folder: Path, prices: str, matrix: bytes | None, profile: str) -> None:
    """What aggregate.py reads, on whatever agent: where the prices are, a tab, the profile a table is asked with."""
    if matrix is not None:
        (folder / "prices.json").write_bytes(matrix)
        prices = (folder / "prices.json").as_posix()
    (folder / "prices.tsv").write_text(f"{prices}\t{profile}\n", encoding="utf-8")


def description(chosen: Mapping[str, list[str]], shards: Path) -> str:
    """What this build is about, on one line."""
    phrases = [
        f"{parameter.title} {', '.join(chosen[parameter.name])}" for parameter in PARAMETERS if parameter.name in chosen
    ]
    count = len(shards.read_text(encoding="utf-8").splitlines()) if shards.is_file() else 0
    planned = f"{count} shard{'s' if count != 1 else ''}" if count else "not planned"
    line = "; ".join([*phrases, planned])
    return line if len(line) <= 500 else line[:499] + "…"


if __name__ == "__main__":
    sys.exit(main())
