"""What lists can be narrowed to, for type checkers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypedDict

Values = str | Iterable[str] | None
"""A text, or several of which any fits."""
Hidden = Literal["without", "only", "with"] | None
OwnershipState = Literal["owned", "unowned", "unregistered", "conflict", "unknown"]
Status = Literal["healthy", "degraded", "down", "unknown"]


class ProductFilters(TypedDict, total=False):
    product: Values
    q: str | None


class TeamFilters(TypedDict, total=False):
    team: Values
    product: Values
    q: str | None


class EnvironmentFilters(TypedDict, total=False):
    environment: Values
    account: Values
    q: str | None


class WorkloadFilters(TypedDict, total=False):
    environment: Values
    account: Values
    region: Values
    type: Values
    status: Status | Iterable[Status] | None
    q: str | None


class ResourceFilters(TypedDict, total=False):
    team: Values
    product: Values
    environment: Values
    account: Values
    region: Values
    type: Values
    tag: dict[str, str] | Values
    ownership: OwnershipState | Iterable[OwnershipState] | None
    q: str | None
    hidden: Hidden


class ServiceFilters(ResourceFilters, total=False):
    status: Status | Iterable[Status] | None


class Finding(TypedDict):
    kind: str
    subject: str | None
    message: str
