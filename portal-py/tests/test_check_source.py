"""`portal.testing.check_source` is the suite that sources written in Rust pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

import portal
from portal.testing import check_source


class Halls(portal.Source):
    """Racks in the halls of a data centre: a good source."""

    name = "halls"
    kinds: Sequence[str] = ("racks", "cables")

    def scopes(self) -> Iterable[Any]:
        return [portal.Scope(path=["north"]), {"path": ["south"]}]

    def collect(self, scope: portal.Scope) -> Iterator[Any]:
        for number in range(3):
            yield "racks", f"a{number}", {"id": f"{scope}/a{number}", "type": "rack", "tags": {"team": "payments"}}
        yield portal.Outcome("cables", "partial", reason="the list is cut after 0")


def test_a_good_source_passes_as_an_object_and_as_a_class() -> None:
    check_source(Halls())
    check_source(Halls)
    check_source(lambda: Halls())


def broken(source: Any, **options: Any) -> str:
    with pytest.raises(AssertionError) as raised:
        check_source(source, **options)
    return str(raised.value)


def test_kinds_that_are_not_named_are_found_out() -> None:
    class Silent(Halls):
        kinds = ()

        def collect(self, scope: portal.Scope) -> Iterator[Any]:
            if scope.path == ["north"]:
                yield "racks", {"id": "a"}

    assert "every_scope_says_which_kinds_it_reads: south: no kind was expected" in broken(Silent)


def test_scopes_that_change_are_found_out() -> None:
    turn = itertools.cycle([["north"], ["south"]])

    class Restless(Halls):
        def scopes(self) -> Iterable[Any]:
            return [{"path": next(turn)}]

    assert "scopes_are_named_once_and_in_the_same_order" in broken(Restless)


def test_a_scope_inside_another_is_found_out() -> None:
    class Nested(Halls):
        def scopes(self) -> Iterable[Any]:
            return [{"path": ["north"]}, {"path": ["north", "hall"]}]

    assert "every_scope_has_a_folder_of_its_own" in broken(Nested)


def test_a_source_without_objects_proves_nothing() -> None:
    class Empty(Halls):
        def collect(self, scope: portal.Scope) -> Iterator[Any]:
            yield from ()

    assert "objects_are_json_objects: the world of this suite needs an object" in broken(Empty)


def test_reads_that_differ_are_found_out() -> None:
    count = itertools.count()

    class Unstable(Halls):
        def collect(self, scope: portal.Scope) -> Iterator[Any]:
            yield "racks", "a", {"id": "a", "tags": {"read": str(next(count))}}

    assert "a_stable_world_reads_the_same_twice" in broken(Unstable)


def test_a_source_that_raises_is_found_out() -> None:
    class Breaks(Halls):
        def collect(self, scope: portal.Scope) -> Iterator[Any]:
            yield "racks", {"id": "a"}
            raise RuntimeError("gone")

    assert "RuntimeError: gone" in broken(Breaks)


def test_rights_that_are_needed_have_to_be_named() -> None:
    assert "the_rights_it_needs_are_named" in broken(Halls, needs_rights=True)

    class Asks(Halls):
        permissions = (("ldap", "read", "racks"),)

    check_source(Asks)
    assert "the_rights_it_needs_are_named" in broken(Asks, needs_rights=False)
