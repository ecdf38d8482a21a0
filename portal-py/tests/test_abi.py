"""One extension for Python 3.11 and all that come after it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import Room

import portal

EXTENSION = Path(portal.__file__).with_name("_portal.abi3.so")


def interpreters() -> list[str]:
    """This interpreter and the newer ones of the machine: on the path, and those that pyenv keeps off it."""
    names = [f"python3.{minor}" for minor in range(12, 20)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [shutil.which(name) for name in names]
    places += [str(found) for name in names for found in sorted(versions.glob(f"*/bin/{name}"))]
    return [sys.executable, *(place for place in places if place is not None and runs(place))]


def runs(interpreter: str) -> bool:
    """Whether it is one: pyenv puts a stand-in on the path for versions that are not chosen."""
    return subprocess.run([interpreter, "-c", ""], capture_output=True, timeout=60).returncode == 0


def test_the_extension_asks_for_nothing_beyond_the_stable_abi(tmp_path: Path) -> None:
    # What it asks of the interpreter stays; the names for debuggers, of which a debug build has hundreds of megabytes, go.
    bare = tmp_path / EXTENSION.name
    subprocess.run(["strip", "--strip-unneeded", "-o", str(bare), str(EXTENSION)], check=True, timeout=120)
    command = [sys.executable, "-m", "abi3audit", "--strict", "--assume-minimum-abi3", "3.11", str(bare)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_interpreter_that_is_here_takes_the_same_extension(kept_room: Room, environment: dict[str, str]) -> None:
    program = "import sys, portal; print(portal.connect(sys.argv[1]).owner('invoices').team)"
    found = interpreters()
    for interpreter in found:
        command = [interpreter, "-c", program, kept_room.store]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.stdout == "payments\n", f"{interpreter}: {done.stderr}"
    print(f"tried: {found}")
