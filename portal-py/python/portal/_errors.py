"""What goes wrong. All of it is a `PortalError`; the text says what happened, to what, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._portal import CollectReport

__all__ = ["Ambiguous", "InvalidInput", "NotFound", "PortalError", "SourceError", "StoreError"]


class PortalError(Exception):
    """Something went wrong; the text says what, and what to do next."""

    __module__ = "portal"


class NotFound(PortalError):
    """Nothing is there under this ref or name."""

    __module__ = "portal"


class Ambiguous(PortalError):
    """A name stands for several things.

    Attributes:
        candidates: their refs, sorted.

    Example:
        >>> raise Ambiguous("orders", ["service:a/orders", "service:b/orders"])
        Traceback (most recent call last):
        ...
        portal.Ambiguous: `orders` is the name of several things; say which one: service:a/orders, service:b/orders
    """

    __module__ = "portal"
    _SHOWN = 20

    candidates: list[str]

    def __init__(self, name: str, candidates: list[str]) -> None:
        shown = ", ".join(candidates[: self._SHOWN]) + (", …" if len(candidates) > self._SHOWN else "")
        super().__init__(f"`{name}` is the name of several things; say which one: {shown}")
        self.candidates = candidates
        self._name = name

    def __reduce__(self) -> tuple[type[Ambiguous], tuple[str, list[str]]]:
        return type(self), (self._name, self.candidates)


class InvalidInput(PortalError):
    """What was asked for cannot be understood: a URL, a filter, a configuration."""

    __module__ = "portal"


class SourceError(PortalError):
    """No source could read anything.

    Attributes:
        report: what was tried, where there is such a report.
    """

    __module__ = "portal"
    report: CollectReport | None = None


class StoreError(PortalError):
    """The store or the lake cannot be used; what was known is unchanged."""

    __module__ = "portal"
