"""Print the Jenkinsfile as a step of a shared library: the content of vars/s3Monitor.groovy.

Expects: the Jenkinsfile next to the folder of this script. A Jenkinsfile then consists of the step:

    @Library('your-library') _
    s3Monitor()

    python3 jenkins/library_step.py > ../your-library/vars/s3Monitor.groovy
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

JENKINSFILE = Path(__file__).resolve().parent.parent / "Jenkinsfile"


def main() -> int:
    """Run the script, and return its exit status."""
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(library_step(JENKINSFILE.read_text(encoding="utf-8")))
    return 0


def library_step(jenkinsfile: str) -> str:
    """Return the Jenkinsfile with its pipeline as the body of `call`, which Jenkins runs for the step."""
    return re.sub(r"(?m)^pipeline \{$(.*?)^\}$", r"void call() {\npipeline {\1}\n}", jenkinsfile, count=1, flags=re.S)


if __name__ == "__main__":
    sys.exit(main())
