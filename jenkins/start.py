"""Check that this Python can run the program, then run one of the scripts next to this file, or the program.

    python3 jenkins/start.py bundle --out s3-monitor.pyz
    python3 s3-monitor.pyz jenkins plan --program s3-monitor.pyz --out plan
    python3 s3-monitor.pyz collect --plan plan/plan.json --shard dev --out parts/dev.json

In the bundle, bundle.py stores this file as __main__.py, with the scripts and the launcher of the program. Its syntax
must be valid in every Python, also 2.7, so that an agent with an old Python prints one line instead of a SyntaxError.
"""

import os
import runpy
import sys

OLDEST = (3, 11)


def main():
    # type: () -> int
    """Run the script that the first argument names, in the bundle after `jenkins`; otherwise run the launcher."""
    if sys.version_info[:2] < OLDEST:
        sys.stderr.write(
            "s3-monitor: error: the program needs CPython %d.%d or newer, found %d.%d (%s).\n"
            "  Install one on this agent, or set the variable PYTHON to it.\n"
            % (OLDEST[0], OLDEST[1], sys.version_info[0], sys.version_info[1], sys.executable)
        )
        return 2
    here = os.path.dirname(os.path.abspath(__file__))
    in_bundle = os.path.isfile(here)
    if in_bundle and sys.argv[1:2] == ["jenkins"]:
        del sys.argv[1]
        in_bundle = False
    name = "launcher" if in_bundle else sys.argv.pop(1)
    sys.path[0] = here
    runpy.run_module(name, run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
