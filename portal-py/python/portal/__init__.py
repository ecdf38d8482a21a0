"""Who owns every service and cloud resource of a company, and by what evidence.

>>> import portal
>>> with portal.connect(store) as cat:
...     print(cat.owner("arn:aws:s3:::invoices").team)
payments

Sources are read into a lake (`collect`), the lake is ingested into a store (`ingest`), and a store is asked (`connect`).
Times are ``datetime`` in UTC, durations are seconds. Every call that waits lets other threads run, and ends at Ctrl-C.
"""

from __future__ import annotations

import atexit as _atexit
from typing import TYPE_CHECKING as _TYPE_CHECKING

from . import _portal, testing
from ._errors import Ambiguous, InvalidInput, NotFound, PortalError, SourceError, StoreError
from ._portal import (
    Catalog,
    CollectReport,
    Entities,
    Environment,
    Evidence,
    Explanation,
    Graph,
    KindRead,
    Link,
    Outcome,
    Ownership,
    Product,
    Report,
    Resource,
    Scope,
    ScopeCounts,
    Service,
    Team,
    Unread,
    Workload,
    __version__,
    collect,
    connect,
    ingest,
)
from ._source import Permission, Source

__all__ = [
    "Ambiguous",
    "Catalog",
    "CollectReport",
    "Entities",
    "Environment",
    "Evidence",
    "Explanation",
    "Graph",
    "InvalidInput",
    "KindRead",
    "Link",
    "NotFound",
    "Outcome",
    "Ownership",
    "Permission",
    "PortalError",
    "Product",
    "Report",
    "Resource",
    "Scope",
    "ScopeCounts",
    "Service",
    "Source",
    "SourceError",
    "StoreError",
    "Team",
    "Unread",
    "Workload",
    "__version__",
    "aio",
    "collect",
    "connect",
    "ingest",
    "testing",
]

if _TYPE_CHECKING:
    from . import aio as aio

_atexit.register(_portal._at_exit)


def __getattr__(name: str) -> object:
    # asyncio takes longer to import than all the rest.
    if name == "aio":
        import importlib

        return importlib.import_module("portal.aio")
    raise AttributeError(f"module 'portal' has no attribute {name!r}")
