"""What type checkers see is what is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import ROOT

PACKAGE = ROOT / "portal-py"


def run(*arguments: str | Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", *map(str, arguments)]
    done = subprocess.run(command, cwd=PACKAGE, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_its_tests_and_the_examples_pass_mypy_strict(environment: dict[str, str]) -> None:
    run("mypy", "python/portal", "tests", "benches", ROOT / "examples" / "python", environment=environment)


def test_the_stubs_are_what_the_extension_is(environment: dict[str, str]) -> None:
    run("mypy.stubtest", "portal", "--mypy-config-file", "pyproject.toml", "--allowlist", "tests/stubtest.txt", environment=environment)
