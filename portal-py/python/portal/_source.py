"""Sources written in Python."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ._portal import Outcome, Scope, Unread

__all__ = ["Permission", "Source"]

Yielded: TypeAlias = tuple[str, Mapping[str, Any]] | tuple[str, str, Mapping[str, Any]] | Outcome | Unread


class Permission(NamedTuple):
    """A right that a source needs, in the words of the system that grants it."""

    system: str
    """``aws``, ``kubernetes``, ``ldap``, …"""
    action: str
    """Such as ``rds:DescribeDBInstances``."""
    kind: str
    """The kind that it is needed for."""


class Source(abc.ABC):
    """Reads one outside system, scope by scope; runs in the same pipeline as the sources written in Rust.

    What it yields is redacted, written into the lake, and committed by a manifest that says of each kind how much was
    read. Several sources and scopes run at once, each scope on a thread of its own.

    How much was read follows from how ``collect`` ends:

    - It returns: each of its ``kinds`` is complete, also one of which nothing was yielded. What is not there any more
      counts as gone.
    - It raises `PermissionError`: what is not ended is denied, or partial if something of it was yielded. An attribute
      ``permission`` of the exception, else the one in ``permissions``, names the right.
    - It raises anything else: what is not ended failed, or is partial if something of it was yielded.
    - It yields an `Outcome`: that kind has ended, whatever comes later.

    What is not complete retires nothing: what was known stays, marked stale. The text of an exception becomes the reason
    and stands in the lake: it has to hold no secret. The whole of it goes to the logger ``portal``.

    Example:
        >>> class Halls(portal.Source):
        ...     name = "halls"
        ...     kinds = ("racks",)
        ...
        ...     def scopes(self):
        ...         return [portal.Scope(path=["north"])]
        ...
        ...     def collect(self, scope):
        ...         yield "racks", {"id": "north/a1", "type": "rack", "tags": {"team": "payments"}}
        >>> portal.testing.check_source(Halls())
    """

    name: str
    """Tells it from other sources of the portal, and stays: a word without spaces."""
    folder: str | None = None
    """The first word of its folder in the lake; by default made from the name."""
    kinds: Sequence[str] = ()
    """Every kind of a scope. Without them those that are yielded, and a kind that is empty one day is not known to be."""
    permissions: Sequence[tuple[str, str, str]] = ()
    """Every right that it needs, as `Permission` or a tuple, for people who have to grant them."""
    lists_all_scopes: bool = True
    """Whether `scopes` names all there are: one of an earlier run that is not among them is then gone."""

    @abc.abstractmethod
    def scopes(self) -> Iterable[Scope | Mapping[str, Any]]:
        """What there is to read now, each once and in the same order for the same world.

        Returns:
            `Scope`, or dicts with its keys: ``{"account": "011122223333", "region": "eu-west-1"}``.

        Raises:
            PermissionError: it may not be listed. As with any other exception, nothing known changes then.
        """

    @abc.abstractmethod
    def collect(self, scope: Scope) -> Iterable[Yielded]:
        """Reads one scope.

        Yields:
            ``(kind, object)`` or ``(kind, name, object)``. An object is a dict in the provider's own shape, as boto3 or
            ``kubectl get -o json`` give it; times become ISO 8601. Things of no known provider have ``id``, ``type``,
            ``name``, ``tags`` (``{}`` where there is none; left out where they could not be read), ``attributes`` and
            ``hosts``. Beside these `Outcome` and `Unread`.
        """
