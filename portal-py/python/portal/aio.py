"""The same for asyncio: each call runs on a thread, and lets the loop and other threads run.

>>> import asyncio
>>> from portal import aio
>>> async def owner_of(ref):
...     async with aio.connect(store) as cat:
...         return (await cat.owner(ref)).team
>>> asyncio.run(owner_of("invoices"))
'payments'

An ``await`` that is cancelled ends its call: by a timeout, a task group, or Ctrl-C. It returns when the call has let go.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable, Generator, Iterable
from datetime import datetime
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from . import _portal
from ._portal import (
    CollectReport,
    Entities,
    Environment,
    Explanation,
    Graph,
    Ownership,
    Product,
    Report,
    Resource,
    Service,
    Team,
    Workload,
)
from ._source import Source

if TYPE_CHECKING:
    from typing import Unpack

    from ._filters import EnvironmentFilters, Finding, ProductFilters, ResourceFilters, ServiceFilters, TeamFilters, WorkloadFilters

__all__ = ["Catalog", "collect", "connect", "ingest"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def _call(function: Callable[_P, _T], *arguments: _P.args, **keywords: _P.kwargs) -> _T:
    cancel = _portal._Cancel()
    context = contextvars.copy_context()
    call = functools.partial(context.run, _portal._cancellable, cancel, function, arguments, keywords)
    running: asyncio.Future[_T] = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        cancel.cancel()
        # Until the thread has let go; its own outcome is of no use any more.
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()
        raise


async def collect(
    config: str | PathLike[str] | None = None,
    *,
    sources: Iterable[Source] | None = None,
    only: Iterable[str] | None = None,
    lake: str | PathLike[str] | None = None,
    concurrency: int = 8,
    deadline: float = 600.0,
    allow_vanished: bool = False,
) -> CollectReport:
    """`portal.collect`, awaitable."""
    return await _call(
        _portal.collect,
        config,
        sources=None if sources is None else list(sources),
        only=None if only is None else list(only),
        lake=lake,
        concurrency=concurrency,
        deadline=deadline,
        allow_vanished=allow_vanished,
    )


async def ingest(
    lake: str | PathLike[str] | None = None,
    store: str | None = None,
    config: str | PathLike[str] | None = None,
) -> Report:
    """`portal.ingest`, awaitable."""
    return await _call(_portal.ingest, lake, store, config)


def connect(store: str | None = None) -> _Connecting:
    """`portal.connect`, awaitable: ``cat = await aio.connect(url)``, or ``async with aio.connect(url) as cat``."""
    return _Connecting(store)


class _Connecting:
    def __init__(self, store: str | None) -> None:
        self._store = store
        self._opened: Catalog | None = None

    async def _open(self) -> Catalog:
        return Catalog(await _call(_portal.connect, self._store))

    def __await__(self) -> Generator[Any, None, Catalog]:
        return self._open().__await__()

    async def __aenter__(self) -> Catalog:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._opened.close()


class Catalog:
    """`portal.Catalog`, awaitable. What it gives back (answers, lists, entities) is in memory and needs no ``await``."""

    def __init__(self, catalog: _portal.Catalog) -> None:
        self._catalog = catalog

    @property
    def sync(self) -> _portal.Catalog:
        """The catalog that is behind it."""
        return self._catalog

    @property
    def revision(self) -> int:
        """The revision that it shows."""
        return self._catalog.revision

    @property
    def revised_at(self) -> datetime | None:
        """When that revision was made, in UTC."""
        return self._catalog.revised_at

    async def owner(self, ref: str, /) -> Ownership:
        """Who owns a service, workload or resource."""
        return await _call(self._catalog.owner, ref)

    async def why(self, ref: str, /) -> Explanation:
        """Why a service, workload or resource is there."""
        return await _call(self._catalog.why, ref)

    async def get(self, ref: str, /) -> Product | Team | Service | Workload | Resource | Environment:
        """One entity."""
        return await _call(self._catalog.get, ref)

    async def search(
        self, text: str, /, *, limit: int = 20
    ) -> list[Product | Team | Service | Workload | Resource | Environment]:
        """What holds all words of a text; best first."""
        return await _call(self._catalog.search, text, limit=limit)

    async def products(self, **filters: Unpack[ProductFilters]) -> Entities[Product]:
        """The products."""
        return await _call(self._catalog.products, **filters)

    async def teams(self, **filters: Unpack[TeamFilters]) -> Entities[Team]:
        """The teams."""
        return await _call(self._catalog.teams, **filters)

    async def environments(self, **filters: Unpack[EnvironmentFilters]) -> Entities[Environment]:
        """The environments."""
        return await _call(self._catalog.environments, **filters)

    async def services(self, **filters: Unpack[ServiceFilters]) -> Entities[Service]:
        """The services."""
        return await _call(self._catalog.services, **filters)

    async def workloads(self, **filters: Unpack[WorkloadFilters]) -> Entities[Workload]:
        """The workloads."""
        return await _call(self._catalog.workloads, **filters)

    async def resources(self, **filters: Unpack[ResourceFilters]) -> Entities[Resource]:
        """The resources."""
        return await _call(self._catalog.resources, **filters)

    async def graph(self) -> Graph:
        """All relations between entities."""
        return await _call(self._catalog.graph)

    async def findings(self) -> list[Finding]:
        """What a person should look at."""
        return await _call(self._catalog.findings)

    async def refresh(self) -> bool:
        """Looks for news in the store, and says whether there were any."""
        return await _call(self._catalog.refresh)

    async def close(self) -> None:
        """Lets go of the store."""
        await _call(self._catalog.close)

    async def __aenter__(self) -> Catalog:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<aio {self._catalog!r}>"
