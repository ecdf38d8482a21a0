"""Proves sources, in any test framework: nothing here needs pytest."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING

from ._portal import _broken_clauses

if TYPE_CHECKING:
    from ._source import Source

__all__ = ["check_source"]


def check_source(source: Source | Callable[[], Source], *, needs_rights: bool | None = None) -> None:
    """Checks every clause of the contract of a source, as the sources written in Rust are checked.

    The world that it reads has to stand still meanwhile, with at least one scope that can be read as a whole and at least
    one object. That a missing right becomes ``denied``, or a list that is cut ``partial``, only you can test.

    Args:
        source: a source; or a function that makes one, such as its class, so that each clause gets a new one.
        needs_rights: whether somebody has to grant rights for it, which its ``permissions`` then have to name. Without it
            the ``permissions`` are believed.

    Raises:
        AssertionError: a clause is broken; the text names each of them and what was seen.

    Example:
        >>> portal.testing.check_source(Inventory)
    """
    make = source if isinstance(source, type) or not isinstance(getattr(source, "collect", None), MethodType) else None

    def made() -> Source:
        return make() if make is not None else source  # type: ignore[operator,return-value]

    if needs_rights is None:
        needs_rights = bool(getattr(made(), "permissions", None))
    broken = _broken_clauses(made, needs_rights)
    if broken:
        clauses = "\n".join(f"  {clause}: {seen}" for clause, seen in broken)
        raise AssertionError(f"the source breaks {len(broken)} of the contract's clauses:\n{clauses}")
