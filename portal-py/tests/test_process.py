"""Threads, forks, Ctrl-C, and the end of the interpreter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import BUCKETS, Python, Room, bucket, write_lake

import portal

ENDLESS = """
import sys, time, portal

class Endless(portal.Source):
    name = "endless"
    kinds = ("things",)

    def scopes(self):
        return [portal.Scope(path=["a"])]

    def collect(self, scope):
        print("reading", flush=True)
        try:
            while True:
                time.sleep(0.02)
                yield "things", {"id": str(time.monotonic()), "tags": {}}
        finally:
            print("closed", flush=True)
"""


def interrupted(program: str, lake: Path, environment: dict[str, str]) -> tuple[int, str, str, float]:
    """Runs a program until it reads, interrupts it, and says how it ended."""
    started = subprocess.Popen(
        [sys.executable, "-c", ENDLESS + program, str(lake)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout is not None
        assert started.stdout.readline() == "reading\n"
        began = time.monotonic()
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=30)
        return started.returncode, out, err, time.monotonic() - began
    finally:
        started.kill()
        started.wait()


def test_ctrl_c_ends_a_long_call_and_the_source_that_it_ran(tmp_path: Path, environment: dict[str, str]) -> None:
    program = """
try:
    portal.collect(sources=[Endless()], lake=sys.argv[1], only=[])
except KeyboardInterrupt:
    print("interrupted", flush=True)
    time.sleep(0.3)
"""
    code, out, err, seconds = interrupted(program, tmp_path / "lake", environment)
    assert (code, set(out.split())) == (0, {"closed", "interrupted"}), err
    assert seconds < 10


def test_ctrl_c_that_nobody_catches_ends_the_program(tmp_path: Path, environment: dict[str, str]) -> None:
    program = "portal.collect(sources=[Endless()], lake=sys.argv[1], only=[])"
    code, _, err, _ = interrupted(program, tmp_path / "lake", environment)
    assert code == -signal.SIGINT and "KeyboardInterrupt" in err


def test_ctrl_c_ends_an_await_as_well(tmp_path: Path, environment: dict[str, str]) -> None:
    program = """
import asyncio
asyncio.run(portal.aio.collect(sources=[Endless()], lake=sys.argv[1], only=[]))
"""
    code, out, err, seconds = interrupted(program, tmp_path / "lake", environment)
    assert code == -signal.SIGINT and "KeyboardInterrupt" in err
    assert "closed" in out and seconds < 10


def test_a_program_may_end_while_a_daemon_thread_collects(tmp_path: Path, python: Python) -> None:
    program = ENDLESS + """
import threading
threading.Thread(
    target=portal.collect, kwargs={"sources": [Endless()], "lake": sys.argv[1], "only": []}, daemon=True
).start()
time.sleep(0.5)
print("end", flush=True)
"""
    for _ in range(3):
        done = python(program, str(tmp_path / "lake"))
        assert done.returncode == 0, done.stderr
        assert "closed" in done.stdout


def test_many_threads_ask_while_the_store_changes(own_room: Room) -> None:
    end = time.monotonic() + 4
    wrong: list[BaseException] = []
    asked = [0] * 8

    def ask(cat: portal.Catalog, number: int) -> None:
        try:
            while time.monotonic() < end:
                owner = cat.owner("arn:aws:s3:::invoices")
                assert owner.team == "payments", owner
                buckets = cat.resources(type="bucket")
                table = pyarrow.table(buckets)
                assert table.num_rows == len(buckets) == len(buckets.to_dicts())
                assert [one.ref for one in buckets] == buckets.refs
                assert str(cat.why("synonyms")).startswith("resource:")
                if number % 2:
                    cat.refresh()
                asked[number] += 1
        except BaseException as error:
            wrong.append(error)

    def change() -> None:
        try:
            for turn in range(1000):
                if time.monotonic() > end:
                    break
                write_lake(own_room.lake, [*BUCKETS, *(bucket(f"new-{at}", {}) for at in range(turn % 7))])
                own_room.ingest()
        except BaseException as error:
            wrong.append(error)

    with portal.connect(own_room.store) as cat:
        threads = [threading.Thread(target=ask, args=(cat, number)) for number in range(8)]
        threads.append(threading.Thread(target=change))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong, wrong[0]
        assert min(asked) > 0
        assert cat.revision > 1


def test_catalogs_come_and_go_in_many_threads(kept_room: Room) -> None:
    wrong: list[BaseException] = []

    def open_and_close() -> None:
        try:
            for turn in range(5):
                cat = portal.connect(kept_room.store)
                assert len(cat) > 0
                if turn % 2:
                    cat.close()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=open_and_close) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]


FORK = """
import os, sys, warnings
warnings.simplefilter("ignore")
import portal

cat = portal.connect(sys.argv[1])
child = os.fork()
if child == 0:
    try:
        assert cat.owner("invoices").team == "payments"
        assert len(cat.resources().to_dicts()) == 6
        try:
            cat.refresh()
        except portal.PortalError as error:
            assert "fork" in str(error), error
        else:
            raise AssertionError("a connection of before the fork was used")
        with portal.connect(sys.argv[1]) as own:
            assert own.owner("invoices").team == "payments" and not own.refresh()
        del cat
        os._exit(0)
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
assert not cat.refresh()
assert cat.owner("invoices").team == "payments"
print("parent is well")
"""


def test_after_a_fork_the_child_answers_from_memory_and_connects_anew(room: Room, python: Python) -> None:
    done = python(FORK, room.store)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "parent is well\n"


def test_a_pool_of_forked_workers_can_ask(kept_room: Room, python: Python) -> None:
    program = """
import multiprocessing, sys, warnings
warnings.simplefilter("ignore")
import portal

def team(ref):
    return cat.owner(ref).team

cat = portal.connect(sys.argv[1])
with multiprocessing.get_context("fork").Pool(4) as pool:
    assert set(pool.map(team, ["invoices"] * 200)) == {"payments"}
with portal.connect(sys.argv[1]) as again:
    assert again.owner("invoices").team == "payments"
"""
    done = python(program, kept_room.store)
    assert done.returncode == 0, done.stderr


def test_exceptions_can_go_between_processes() -> None:
    import pickle

    error: Any = pickle.loads(pickle.dumps(portal.Ambiguous("a", ["service:x/a", "service:y/a"])))
    assert error.candidates == ["service:x/a", "service:y/a"]
    assert str(pickle.loads(pickle.dumps(portal.NotFound("no")))) == "no"


def test_the_import_brings_in_nothing_that_is_slow(python: Python) -> None:
    slow = ["asyncio", "numpy", "pandas", "polars", "pyarrow", "networkx", "rustworkx", "email", "http"]
    done = python(f"import sys, portal; print([name for name in {slow} if name in sys.modules])")
    assert done.stdout == "[]\n", done.stdout + done.stderr
    assert os.name == "posix"
