"""The compiled half of the package. Written by hand, and proven by mypy's stubtest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Final, Generic, Literal, Self, TypeAlias, TypeVar, final, overload

import networkx
import pandas
import polars
import pyarrow
import rustworkx
from typing_extensions import CapsuleType

from ._filters import Finding, Hidden, Values
from ._source import Source

__version__: Final[str]

_T_co = TypeVar("_T_co", covariant=True)
_R = TypeVar("_R")

_OwnershipState: TypeAlias = Literal["owned", "unowned", "unregistered", "conflict", "unknown"]
_Status: TypeAlias = Literal["healthy", "degraded", "down", "unknown"]
_Coverage: TypeAlias = Literal["complete", "partial", "denied", "absent", "failed"]
_Entity: TypeAlias = Product | Team | Service | Workload | Resource | Environment

def connect(store: str | None = None) -> Catalog:
    """Opens a store that is there, and loads its newest revision into memory."""

def collect(
    config: str | PathLike[str] | None = None,
    *,
    sources: Sequence[Source] | None = None,
    only: Sequence[str] | None = None,
    lake: str | PathLike[str] | None = None,
    concurrency: int = 8,
    deadline: float = 600.0,
    allow_vanished: bool = False,
) -> CollectReport:
    """Reads sources into the lake: those of the configuration, and sources written in Python."""

def ingest(
    lake: str | PathLike[str] | None = None,
    store: str | None = None,
    config: str | PathLike[str] | None = None,
) -> Report:
    """Brings a store to what a lake says."""

@final
class Catalog:
    """What is known of a company's services and resources, at one revision, in memory."""

    def owner(self, ref: str, /) -> Ownership:
        """Who owns a service, workload or resource."""
    def why(self, ref: str, /) -> Explanation:
        """Why a service, workload or resource is there: its owner, users, dependencies and origin."""
    def get(self, ref: str, /) -> _Entity:
        """One entity."""
    def search(self, text: str, /, *, limit: int = 20) -> list[_Entity]:
        """What holds all words of a text; best first."""
    def products(
        self,
        *,
        product: Values = None,
        q: str | None = None,
    ) -> Entities[Product]:
        """The products."""
    def teams(
        self,
        *,
        team: Values = None,
        product: Values = None,
        q: str | None = None,
    ) -> Entities[Team]:
        """The teams."""
    def environments(
        self,
        *,
        environment: Values = None,
        account: Values = None,
        q: str | None = None,
    ) -> Entities[Environment]:
        """The environments."""
    def services(
        self,
        *,
        team: Values = None,
        product: Values = None,
        environment: Values = None,
        account: Values = None,
        region: Values = None,
        type: Values = None,
        tag: dict[str, str] | Values = None,
        ownership: _OwnershipState | Iterable[_OwnershipState] | None = None,
        status: _Status | Iterable[_Status] | None = None,
        q: str | None = None,
        hidden: Hidden = None,
    ) -> Entities[Service]:
        """The services."""
    def workloads(
        self,
        *,
        environment: Values = None,
        account: Values = None,
        region: Values = None,
        type: Values = None,
        status: _Status | Iterable[_Status] | None = None,
        q: str | None = None,
    ) -> Entities[Workload]:
        """The workloads."""
    def resources(
        self,
        *,
        team: Values = None,
        product: Values = None,
        environment: Values = None,
        account: Values = None,
        region: Values = None,
        type: Values = None,
        tag: dict[str, str] | Values = None,
        ownership: _OwnershipState | Iterable[_OwnershipState] | None = None,
        q: str | None = None,
        hidden: Hidden = None,
    ) -> Entities[Resource]:
        """The resources."""
    def graph(self) -> Graph:
        """All relations between entities, hidden ones too."""
    def findings(self) -> list[Finding]:
        """What a person should look at."""
    def refresh(self) -> bool:
        """Looks for news in the store, and says whether there were any."""
    def close(self) -> None:
        """Lets go of the store."""
    @property
    def revision(self) -> int:
        """The revision that it shows; it counts up."""
    @property
    def revised_at(self) -> datetime | None:
        """When that revision was made, in UTC; None for an empty store."""
    @property
    def store_location(self) -> str:
        """Where the store is, without secrets."""
    def __len__(self) -> int: ...
    def __contains__(self, ref: str, /) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_raised: object) -> None: ...
    def _repr_html_(self) -> str: ...

@final
class Entities(Generic[_T_co]):
    """Entities of one type, in the order of their refs: a sequence that reads each of them when somebody asks."""

    @overload
    def __getitem__(self, index: int, /) -> _T_co: ...
    @overload
    def __getitem__(self, index: slice, /) -> Entities[_T_co]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[_T_co]: ...
    def __reversed__(self) -> Iterator[_T_co]: ...
    def __contains__(self, value: object, /) -> bool: ...
    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """Where an entity or a ref is; ValueError if it is not there."""
    def count(self, value: object) -> int:
        """How often an entity or a ref is in it: once or not at all."""
    @property
    def entity_type(self) -> str:
        """What the entities are: ``team``, ``service``, ``resource``, …"""
    @property
    def revision(self) -> int:
        """The revision that it shows."""
    @property
    def refs(self) -> list[str]:
        """The refs."""
    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict for each entity, with all its fields."""
    def to_arrow(self) -> pyarrow.Table:
        """A ``pyarrow.Table``; needs the extra ``portal[arrow]``."""
    def to_pandas(self) -> pandas.DataFrame:
        """A ``pandas.DataFrame``; needs the extra ``portal[pandas]``."""
    def to_polars(self) -> polars.DataFrame:
        """A ``polars.DataFrame``; needs the extra ``portal[polars]``."""
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType: ...
    def __arrow_c_schema__(self) -> CapsuleType: ...
    def __class_getitem__(cls, key: Any) -> Any: ...
    def _repr_html_(self) -> str: ...

@final
class Graph:
    """All relations between entities at one revision: a table of edges."""

    def __len__(self) -> int: ...
    @property
    def nodes(self) -> list[str]:
        """The refs of all entities, those of a type side by side."""
    @property
    def revision(self) -> int:
        """The revision that it shows."""
    def dependents(self, ref: str, /) -> list[str]:
        """What uses or depends on something, directly or through others, nearest first."""
    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict for each edge."""
    def to_arrow(self) -> pyarrow.Table:
        """A ``pyarrow.Table`` of the edges; needs the extra ``portal[arrow]``."""
    def to_pandas(self) -> pandas.DataFrame:
        """A ``pandas.DataFrame`` of the edges; needs the extra ``portal[pandas]``."""
    def to_polars(self) -> polars.DataFrame:
        """A ``polars.DataFrame`` of the edges; needs the extra ``portal[polars]``."""
    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """A ``networkx.MultiDiGraph``; needs the extra ``portal[networkx]``."""
    def to_rustworkx(self) -> rustworkx.PyDiGraph[dict[str, Any], str]:
        """A ``rustworkx.PyDiGraph``; needs the extra ``portal[rustworkx]``."""
    def _nodes(self) -> list[tuple[str, str, str, str | None, str | None]]: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType: ...
    def __arrow_c_schema__(self) -> CapsuleType: ...
    def _repr_html_(self) -> str: ...

@final
class Product:
    """What a business sells or runs; teams and services roll up to it."""

    @property
    def ref(self) -> str:
        """Its ref: ``product:checkout``."""
    @property
    def name(self) -> str:
        """Its slug."""
    @property
    def display_name(self) -> str:
        """As it was written."""
    @property
    def teams(self) -> list[str]:
        """Slugs of the teams that work on it."""
    @property
    def services(self) -> int:
        """How many services are a part of it."""
    @property
    def resources(self) -> int:
        """How many resources are a part of it."""
    def to_dict(self) -> dict[str, Any]:
        """All fields by their names."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Team:
    """The lowest unit of ownership."""

    @property
    def ref(self) -> str:
        """Its ref: ``team:payments``."""
    @property
    def name(self) -> str:
        """Its slug."""
    @property
    def display_name(self) -> str:
        """As it was written."""
    @property
    def aliases(self) -> list[str]:
        """Other names that claims may use, as written."""
    @property
    def parents(self) -> list[str]:
        """Slugs of the teams that it belongs to."""
    @property
    def product(self) -> str | None:
        """Slug of the product that it works on."""
    @property
    def contact(self) -> str | None:
        """A mail address or channel."""
    @property
    def services(self) -> int:
        """How many services it owns."""
    @property
    def resources(self) -> int:
        """How many resources it owns."""
    @property
    def stale(self) -> bool:
        """Whether the newest read of it did not succeed."""
    @property
    def members(self) -> list[tuple[str, str | None]]:
        """The people, as pairs of name and mail address; the address is None where the directory has none."""
    @property
    def old_names(self) -> list[str]:
        """Names it had before; refs with them lead here."""
    def to_dict(self) -> dict[str, Any]:
        """All fields by their names."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Environment:
    """An AWS account, with the name that people use for it."""

    @property
    def ref(self) -> str:
        """Its ref: ``environment:111122223333``."""
    @property
    def name(self) -> str:
        """The name that people use."""
    @property
    def account(self) -> str:
        """The account id, with its leading zeros."""
    @property
    def state(self) -> str | None:
        """``ACTIVE``, ``SUSPENDED``, … as the organisation says."""
    def to_dict(self) -> dict[str, Any]:
        """All fields by their names."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Service:
    """What engineers deploy and maintain: one logical thing, in any number of environments."""

    @property
    def ref(self) -> str:
        """Its ref: ``service:payments/orders-api``."""
    @property
    def name(self) -> str:
        """Its name."""
    @property
    def display_name(self) -> str:
        """The name to show: what a person gave it, else its own."""
    @property
    def namespace(self) -> str:
        """The namespace that groups it."""
    @property
    def type(self) -> str:
        """``kubernetes``, ``serverless``, ``other``."""
    @property
    def kind(self) -> str:
        """``http-service``, ``scheduled-job``, ``function``."""
    @property
    def description(self) -> str | None:
        """What it is for, as a person wrote it."""
    @property
    def team(self) -> str | None:
        """The owner's slug; with the ownership ``unknown`` the last known one."""
    @property
    def ownership(self) -> _OwnershipState:
        """``owned``, ``unowned``, ``unregistered``, ``conflict`` or ``unknown``."""
    @property
    def rule(self) -> str | None:
        """The rule that spoke."""
    @property
    def product(self) -> str | None:
        """Slug of its product, its own or its team's."""
    @property
    def environments(self) -> list[str]:
        """Names of the environments that it runs in."""
    @property
    def status(self) -> _Status:
        """``healthy``, ``degraded``, ``down`` or ``unknown``: the worse of its running copies and of health checks."""
    @property
    def status_url(self) -> str | None:
        """Where health checks ask."""
    @property
    def last_checked_at(self) -> datetime | None:
        """When a health check asked last."""
    @property
    def docs_url(self) -> str | None:
        """Its documentation."""
    @property
    def github_url(self) -> str | None:
        """Its code."""
    @property
    def dashboard_url(self) -> str | None:
        """Its dashboards."""
    @property
    def tags(self) -> list[str]:
        """Labels and tags, as ``key=value``, or a single word. Its workloads may have one label with two values."""
    @property
    def origin(self) -> str:
        """``collected``, or ``manual`` for one that a person added."""
    @property
    def first_seen(self) -> datetime | None:
        """When it came."""
    @property
    def last_seen(self) -> datetime | None:
        """When it was seen last."""
    @property
    def updated_at(self) -> datetime | None:
        """When something about it was changed last."""
    @property
    def stale(self) -> bool:
        """Whether the newest read of it did not succeed, so that it may be different by now."""
    @property
    def workloads(self) -> list[str]:
        """Refs of what it runs as."""
    @property
    def uses(self) -> list[str]:
        """Refs of the resources that it uses."""
    @property
    def depends_on(self) -> list[str]:
        """Refs of the services that it depends on."""
    @property
    def used_by(self) -> list[str]:
        """Refs of the services that depend on it."""
    @property
    def links(self) -> list[tuple[str, str]]:
        """More links, as pairs of title and URL."""
    def to_dict(self) -> dict[str, Any]:
        """All fields by their names."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Workload:
    """One running copy of a service in one environment: a Deployment, a CronJob, a function."""

    @property
    def ref(self) -> str:
        """Its ref: ``workload:k8s/prod-eu/payments/deployment/orders-api``, or a function's ARN."""
    @property
    def name(self) -> str:
        """The object's own name."""
    @property
    def kind(self) -> str:
        """``deployment``, ``cronjob``, ``statefulset``, ``daemonset`` or ``function``."""
    @property
    def namespace(self) -> str:
        """The Kubernetes namespace; of a function that of its service."""
    @property
    def cluster(self) -> str | None:
        """The cluster; None for a function."""
    @property
    def account(self) -> str | None:
        """The account id, where known."""
    @property
    def environment(self) -> str | None:
        """The name of the account."""
    @property
    def region(self) -> str | None:
        """The region, where known."""
    @property
    def service(self) -> str | None:
        """Ref of the service that it is a copy of."""
    @property
    def images(self) -> list[str]:
        """The containers' images, or the function's runtime."""
    @property
    def schedule(self) -> str | None:
        """When a scheduled job runs, in cron's notation."""
    @property
    def ready(self) -> int | None:
        """Copies that are ready."""
    @property
    def desired(self) -> int | None:
        """Copies that are asked for."""
    @property
    def status(self) -> _Status:
        """What the copies say: ``healthy``, ``degraded``, ``down`` or ``unknown``."""
    @property
    def created_at(self) -> datetime | None:
        """When it was made."""
    @property
    def first_seen(self) -> datetime | None:
        """When it came."""
    @property
    def last_seen(self) -> datetime | None:
        """When it was seen last."""
    @property
    def stale(self) -> bool:
        """Whether the newest read of it did not succeed, so that it may be different by now."""
    def to_dict(self) -> dict[str, Any]:
        """All fields by their names."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Resource:
    """Infrastructure, whatever the cloud: a bucket, a database, a queue."""

    @property
    def ref(self) -> str:
        """Its ref: ``resource:arn:aws:s3:::invoices``."""
    @property
    def arn(self) -> str | None:
        """Its ARN, where the provider has one."""
    @property
    def name(self) -> str:
        """The name that people use."""
    @property
    def display_name(self) -> str:
        """The name to show: what a person gave it, else its own."""
    @property
    def type(self) -> str:
        """``bucket``, ``database``, … or the provider's own ``service:type``."""
    @property
    def account(self) -> str | None:
        """The account id, with its leading zeros."""
    @property
    def environment(self) -> str | None:
        """The name of the account."""
    @property
    def region(self) -> str | None:
        """The region, where it is in one."""
    @property
    def team(self) -> str | None:
        """The owner's slug; with the ownership ``unknown`` the last known one."""
    @property
    def ownership(self) -> _OwnershipState:
        """``owned``, ``unowned``, ``unregistered``, ``conflict`` or ``unknown``."""
    @property
    def rule(self) -> str | None:
        """The rule that spoke."""
    @property
    def product(self) -> str | None:
        """Slug of its product, its own or its team's."""
    @property
    def description(self) -> str | None:
        """What it is for, as a person wrote it."""
    @property
    def tags(self) -> dict[str, str]:
        """Its tags as last read."""
    @property
    def attributes(self) -> dict[str, str]:
        """A few facts that people look for: engine, version, endpoint."""
    @property
    def created_at(self) -> datetime | None:
        """When the provider made it."""
    @property
    def first_seen(self) -> datetime | None:
        """When it came."""
    @property
    def last_seen(self) -> datetime | None:
        """When it was seen last."""
    @property
    def updated_at(self) -> datetime | None:
        """When something about it was changed last."""
    @property
    def stale(self) -> bool:
        """Whether the newest read of it did not succeed, so that it may be different by now."""
    @property
    def used_by(self) -> list[str]:
        """Refs of the services that use it."""
    @property
    def created_by(self) -> str | None:
        """Ref of the stack that made it."""
    @property
    def suggestion(self) -> tuple[str, str, str] | None:
        """Who might own it, as team, rule and reason, for one that nobody owns: never ownership until a person confirms it."""
    def to_dict(self) -> dict[str, Any]:
        """All fields by their names."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Ownership:
    """Who owns something, with every claim that was heard."""

    @property
    def ref(self) -> str:
        """The ref of what was asked for."""
    @property
    def state(self) -> _OwnershipState:
        """``owned``, ``unowned``, ``unregistered``, ``conflict`` or ``unknown``."""
    @property
    def team(self) -> str | None:
        """The owner's slug; with ``unknown`` the last known one; None if there is none."""
    @property
    def rule(self) -> str | None:
        """The id of the rule that spoke."""
    @property
    def stale(self) -> bool:
        """Whether the newest read did not succeed."""
    @property
    def evidence(self) -> list[Evidence]:
        """Winners and losers, strongest rule first."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dicts, lists and texts."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Evidence:
    """One claim: where it stands, what it says, and whether it decided."""

    @property
    def rule(self) -> str:
        """The id of the rule that read it."""
    @property
    def field(self) -> str:
        """The place: ``tag Team``, ``label team``, ``env ORDERS_TABLE``."""
    @property
    def raw(self) -> str:
        """What stands there, as it was written."""
    @property
    def team(self) -> str | None:
        """The known team that it names."""
    @property
    def won(self) -> bool:
        """Whether it decided."""
    @property
    def source(self) -> str:
        """The source that read it."""
    @property
    def read_at(self) -> datetime | None:
        """When its place was last read well."""
    @property
    def found_on(self) -> str | None:
        """The object that carries it, where that is another one."""
    def to_dict(self) -> dict[str, Any]:
        """The same as a dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Explanation:
    """Why something exists: its owner and everything around it, each with its evidence."""

    @property
    def owner(self) -> Ownership:
        """Who owns it."""
    @property
    def used_by(self) -> list[Link]:
        """Services that use or depend on it."""
    @property
    def uses(self) -> list[Link]:
        """Resources that it uses."""
    @property
    def depends_on(self) -> list[Link]:
        """Services that it depends on."""
    @property
    def runs_as(self) -> list[Link]:
        """What it runs as."""
    @property
    def part_of(self) -> list[Link]:
        """Products that it is a part of."""
    @property
    def created_by(self) -> Link | None:
        """The stack that made it."""
    @property
    def environments(self) -> list[Link]:
        """Where it is; several for a service."""
    @property
    def environment(self) -> Link | None:
        """Where it is, if that is one place."""
    @property
    def first_seen(self) -> datetime | None:
        """When it came."""
    @property
    def last_seen(self) -> datetime | None:
        """When it was seen last."""
    def to_dict(self) -> dict[str, Any]:
        """The same as dicts, lists and texts."""
    def _repr_html_(self) -> str: ...

@final
class Link:
    """Something at the other end of a relation, with the evidence."""

    @property
    def ref(self) -> str:
        """The ref of what it leads to."""
    @property
    def name(self) -> str:
        """The name that people use."""
    @property
    def evidence(self) -> list[Evidence]:
        """Why the portal believes it."""

@final
class Report:
    """What an ingest did."""

    @property
    def revision(self) -> int:
        """The newest revision."""
    @property
    def scopes(self) -> ScopeCounts:
        """What happened to the scopes."""
    @property
    def added(self) -> int:
        """How many entities are new."""
    @property
    def changed(self) -> int:
        """How many entities are different."""
    @property
    def retired(self) -> int:
        """How many entities are gone."""
    @property
    def held(self) -> int:
        """How many mass deletes wait for a person."""
    @property
    def set_aside(self) -> int:
        """How many records and files could not be read."""
    @property
    def not_whole(self) -> int:
        """How many parts' newest read was not whole."""
    @property
    def seconds(self) -> float:
        """How long it took, in seconds."""
    @property
    def notes(self) -> list[str]:
        """What a person should know, a sentence each."""
    @property
    def is_whole(self) -> bool:
        """Whether everything in the lake is in the store now."""
    def to_dict(self) -> dict[str, Any]:
        """The same as a dict."""
    def _repr_html_(self) -> str: ...

@final
class ScopeCounts:
    """What happened to the scopes of the lake."""

    @property
    def read(self) -> int:
        """Read, because they were new or different."""
    @property
    def unchanged(self) -> int:
        """As they were."""
    @property
    def waiting(self) -> int:
        """Being rewritten: their turn is the next time."""
    @property
    def late(self) -> int:
        """Of an earlier run than the one that is known."""

@final
class CollectReport:
    """What a collection run did."""

    @property
    def kinds(self) -> list[KindRead]:
        """What was read, one entry for each kind of each scope of each source."""
    @property
    def errors(self) -> list[str]:
        """What went wrong with whole sources and scopes, a sentence each."""
    @property
    def seconds(self) -> float:
        """How long it took, in seconds."""
    @property
    def is_whole(self) -> bool:
        """Whether everything was seen as it is."""
    def to_dict(self) -> dict[str, Any]:
        """The same as a dict."""
    def _repr_html_(self) -> str: ...

@final
class KindRead:
    """What was read of one kind of one scope."""

    @property
    def source(self) -> str:
        """The source's name."""
    @property
    def scope(self) -> Scope:
        """What was read."""
    @property
    def kind(self) -> str:
        """The kind: ``s3``, ``deployments``."""
    @property
    def run(self) -> int | None:
        """The number of the run."""
    @property
    def coverage(self) -> _Coverage:
        """``complete``, ``partial``, ``denied``, ``absent`` or ``failed``."""
    @property
    def items(self) -> int:
        """How many objects were read."""
    @property
    def reason(self) -> str | None:
        """Why not all."""
    @property
    def permission(self) -> str | None:
        """The right that is missing."""
    @property
    def unread(self) -> list[str]:
        """Single things inside that could not be read."""
    def to_dict(self) -> dict[str, Any]:
        """All fields by their names; the scope as a text."""

@final
class Scope:
    """The smallest thing that a source reads as a whole."""

    def __new__(
        cls,
        *,
        account: str | None = None,
        region: str | None = None,
        cluster: str | None = None,
        namespace: str | None = None,
        domain: str | None = None,
        path: Sequence[str] | None = None,
    ) -> Self: ...
    @property
    def account(self) -> str | None:
        """The account id, with its leading zeros."""
    @property
    def region(self) -> str | None:
        """The region."""
    @property
    def cluster(self) -> str | None:
        """The cluster."""
    @property
    def namespace(self) -> str | None:
        """The namespace."""
    @property
    def domain(self) -> str | None:
        """The domain."""
    @property
    def path(self) -> list[str]:
        """The parts of its path in the lake."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Outcome:
    """Yielded by a source: how the read of a kind ended."""

    def __new__(
        cls, kind: str, coverage: _Coverage, *, reason: str | None = None, permission: str | None = None
    ) -> Self: ...
    @property
    def kind(self) -> str:
        """The kind."""
    @property
    def coverage(self) -> _Coverage:
        """How much was read."""
    @property
    def reason(self) -> str | None:
        """Why not all."""
    @property
    def permission(self) -> str | None:
        """The right that is missing."""

@final
class Unread:
    """Yielded by a source: a single thing inside a kind that could not be read."""

    def __new__(cls, kind: str, reason: str) -> Self: ...
    @property
    def kind(self) -> str:
        """The kind."""
    @property
    def reason(self) -> str:
        """What, and why."""

@final
class _EntityIterator:
    def __iter__(self) -> Self: ...
    def __next__(self) -> _Entity: ...
    def __length_hint__(self) -> int: ...

@final
class _Cancel:
    def __new__(cls) -> Self: ...
    def cancel(self) -> None: ...

def _cancellable(
    cancel: _Cancel, function: Callable[..., _R], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> _R: ...
def _at_exit() -> None: ...
def _broken_clauses(make: Callable[[], Source], needs_rights: bool) -> list[tuple[str, str]]: ...
