"""Lists of entities behave as Python's own sequences do."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

import portal


def test_a_list_is_a_sequence(cat: portal.Catalog) -> None:
    resources = cat.resources()
    # polars would take it for a list of rows, and not ask for its columns.
    assert not isinstance(resources, Sequence)
    assert len(resources) == 6 and resources
    assert not cat.resources(q="nothing of that name")
    assert [one.ref for one in resources] == resources.refs == sorted(resources.refs)
    assert resources.entity_type == "resource"


def test_every_slice_is_that_of_a_list(cat: portal.Catalog) -> None:
    resources = cat.resources()
    plain = list(resources)
    bounds = [None, *range(-8, 9)]
    for start, stop, step in itertools.product(bounds, bounds, [None, 1, 2, 3, -1, -2]):
        part = resources[start:stop:step]
        assert [one.ref for one in part] == [one.ref for one in plain[start:stop:step]], (start, stop, step)
    twice = resources[::-2][1:]
    assert [one.ref for one in twice] == [one.ref for one in plain[::-2][1:]]
    assert [one.ref for one in twice[::-1]] == [one.ref for one in plain[::-2][1:][::-1]]


def test_every_index_is_that_of_a_list(cat: portal.Catalog) -> None:
    resources = cat.resources()[::-1]
    plain = list(resources)
    for index in range(-len(plain), len(plain)):
        assert resources[index] == plain[index]
    for index in [len(plain), -len(plain) - 1, 10**6]:
        with pytest.raises(IndexError, match=f"no entity {index} in a list of 6"):
            resources[index]
    with pytest.raises(TypeError):
        resources["a"]  # type: ignore[call-overload]


def test_membership_goes_by_ref(cat: portal.Catalog) -> None:
    buckets = cat.resources(type="bucket")
    odd = buckets[1::2]
    invoices = cat.get("invoices")
    assert invoices in buckets and "arn:aws:s3:::invoices" in buckets
    assert invoices in odd and invoices not in buckets[::2]
    for other in ["team:payments", "", 7, None, cat.get("team:payments"), object()]:
        assert other not in buckets
    assert buckets.index(invoices) == 1 and odd.index(invoices) == 0
    assert odd[::-1].index(invoices) == len(odd) - 1
    assert buckets.count(invoices) == 1 and buckets.count("nothing") == 0
    with pytest.raises(ValueError, match="not in the list"):
        buckets.index(invoices, 2)


def test_reversed_and_iterators_end_where_they_should(cat: portal.Catalog) -> None:
    buckets = cat.resources(type="bucket")
    assert [one.ref for one in reversed(buckets)] == list(reversed(buckets.refs))
    assert list(reversed(buckets[:0])) == []
    walk = iter(buckets)
    assert len(list(walk)) == 5
    for _ in range(3):
        with pytest.raises(StopIteration):
            next(walk)


def test_a_list_outlives_its_catalog(kept_room: object, cat: portal.Catalog) -> None:
    teams = cat.teams()
    cat.close()
    assert [team.name for team in teams[::-1]] == ["search", "payments"]
