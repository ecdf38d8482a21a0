"""The awaitable half."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import BUCKETS, Room, bucket, write_lake

import portal
from portal import aio


def test_the_same_answers_are_awaitable(room: Room) -> None:
    async def ask() -> None:
        async with aio.connect(room.store) as cat:
            assert (await cat.owner("invoices")).team == "payments"
            assert (await cat.why("synonyms")).owner.team == "search"
            assert [one.name for one in await cat.resources(ownership="unowned")] == ["orphan"]
            assert [team.name for team in await cat.teams()] == ["payments", "search"]
            assert (await cat.get("invoices")).name == "invoices"
            assert len(await cat.graph()) > 0
            with pytest.raises(portal.Ambiguous):
                await cat.owner("orders")
            write_lake(room.lake, [*BUCKETS, bucket("fresh", {})])
            report = await aio.ingest(room.lake, room.store, room.config)
            assert report.added == 1 and await cat.refresh()
            assert cat.revision == 2 == cat.sync.revision
        with pytest.raises(portal.PortalError, match="closed"):
            await cat.owner("invoices")
        other = await aio.connect(room.store)
        await other.close()

    asyncio.run(ask())


def test_the_loop_runs_while_a_call_waits(kept_room: Room) -> None:
    async def ask() -> None:
        async with aio.connect(kept_room.store) as cat:
            owners = await asyncio.gather(*(cat.owner("invoices") for _ in range(200)))
            assert {owner.team for owner in owners} == {"payments"}

    asyncio.run(ask())


class Slow(portal.Source):
    name = "slow"
    kinds = ("things",)

    def __init__(self) -> None:
        self.closed = False

    def scopes(self) -> list[portal.Scope]:
        return [portal.Scope(path=["a"])]

    def collect(self, scope: portal.Scope) -> Iterator[Any]:
        try:
            for at in range(10**6):
                time.sleep(0.02)
                yield "things", {"id": str(at), "tags": {}}
        finally:
            self.closed = True


def test_an_await_that_is_cancelled_ends_its_call(tmp_path: Path) -> None:
    source = Slow()

    async def collect() -> None:
        async with asyncio.timeout(0.5):
            await aio.collect(sources=[source], lake=tmp_path / "lake", only=[])

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(collect())
    assert time.monotonic() - began < 10
    deadline = time.monotonic() + 5
    while not source.closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert source.closed
