"""Compare the locked packages with databases of known vulnerabilities: `make audit`.

Exit codes: 0 none known, 1 vulnerabilities found, 3 not audited, because no database was reachable.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements-dev.lock"
SERVICES = ("pypi", "osv")
"""Databases of pip-audit, tried in this order."""

FOUND, NOT_AUDITED = 1, 3
_TIMEOUT_S = 25


def summarize(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the exit code and the lines to print for a report of pip-audit."""
    packages = report["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return NOT_AUDITED, ["not audited: the database knows none of the packages"]
    lines = [
        f"{package['name']} {package['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    notes = [f"not in the database: {', '.join(skipped)}"] if skipped else []
    if lines:
        return FOUND, [*lines, *notes]
    return 0, [f"{len(packages) - len(skipped)} packages have no known vulnerability", *notes]


def audit(lock: Path, service: str) -> tuple[int, list[str]]:
    """Run pip-audit with a database. Without an answer the code is NOT_AUDITED, with the last line of its error."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "5", "--vulnerability-service", service]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        return summarize(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return NOT_AUDITED, [f"not audited: {service} did not answer within {_TIMEOUT_S} s"]
    except ValueError:
        return NOT_AUDITED, [f"not audited: {done.stderr.strip().rpartition(chr(10))[2][:300]}"]


def main() -> int:
    """Ask the databases in turn until one answers."""
    code = NOT_AUDITED
    for service in SERVICES:
        code, lines = audit(LOCK, service)
        print("\n".join(f"{service}: {line}" for line in lines))
        if code != NOT_AUDITED:
            break
    return code


if __name__ == "__main__":
    sys.exit(main())
