"""Tables of other packages, by way of Arrow."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import duckdb
import pandas
import polars
import pyarrow
import pytest

import portal

EVERY = ["products", "teams", "services", "workloads", "resources", "environments"]


def entities(cat: portal.Catalog, name: str) -> portal.Entities[Any]:
    return getattr(cat, name)()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", EVERY)
def test_arrow_dicts_and_attributes_say_the_same(cat: portal.Catalog, name: str) -> None:
    listed = entities(cat, name)
    assert len(listed) > 0
    table = listed.to_arrow()
    dicts = listed.to_dicts()
    assert table.num_rows == len(dicts) == len(listed)
    assert table.column_names == list(dicts[0])
    rows = table.to_pylist(maps_as_pydicts="strict" if name == "resources" else None)
    for entity, row, fields in zip(listed, rows, dicts, strict=True):
        assert entity.to_dict() == fields
        for column, value in fields.items():
            assert getattr(entity, column) == value, column
            assert row[column] == value, column
            if isinstance(value, datetime):
                assert value.tzinfo is UTC


def test_pandas_has_texts_times_and_tags_as_dicts(cat: portal.Catalog) -> None:
    frame = cat.resources(type="bucket").to_pandas().set_index("name")
    assert isinstance(frame, pandas.DataFrame)
    assert frame.loc["invoices", "team"] == "payments"
    assert frame.loc["invoices", "tags"] == {"team": "payments", "stage": "prod"}
    assert frame.loc["invoices", "created_at"] == pandas.Timestamp("2024-05-01T10:00:00Z")
    assert frame["team"].isna()["orphan"]
    assert frame.groupby("ownership").size().to_dict() == {"owned": 2, "unknown": 1, "unowned": 1, "unregistered": 1}


def test_polars_and_duckdb_read_a_list_as_it_is(cat: portal.Catalog) -> None:
    buckets = cat.resources(type="bucket")
    frame = polars.DataFrame(buckets)
    assert frame.equals(buckets.to_polars())
    assert frame.filter(polars.col("ownership") == "unowned")["name"].to_list() == ["orphan"]
    assert frame.schema["first_seen"] == polars.Datetime("us", "UTC")
    assert buckets is not None
    found = duckdb.sql("SELECT name FROM buckets WHERE tags['stage'] = 'dev'")
    assert found is not None and found.fetchall() == [("synonyms",)]


def test_pandas_reads_the_capsule_by_itself(cat: portal.Catalog) -> None:
    frame = pandas.DataFrame.from_arrow(cat.teams())  # type: ignore[attr-defined]
    assert list(frame["name"]) == ["payments", "search"]


def test_a_stream_can_be_left_in_the_middle_and_asked_again(cat: portal.Catalog) -> None:
    listed = cat.resources()
    for _ in range(3):
        reader = pyarrow.RecordBatchReader.from_stream(listed)
        assert reader.schema == pyarrow.schema(listed)
        del reader
    capsule = listed.__arrow_c_stream__()
    del capsule
    assert pyarrow.table(listed).num_rows == 6


def test_a_stream_outlives_list_and_catalog(cat: portal.Catalog) -> None:
    reader = pyarrow.RecordBatchReader.from_stream(cat.resources())
    cat.close()
    assert reader.read_all().num_rows == 6


def test_an_empty_list_has_its_columns(cat: portal.Catalog) -> None:
    nothing = cat.resources(q="nothing of that name")
    assert nothing.to_arrow().column_names == cat.resources().to_arrow().column_names
    assert list(nothing.to_pandas().columns) == nothing.to_polars().columns
    assert nothing.to_dicts() == []


def test_the_graph_is_a_table_of_edges(cat: portal.Catalog) -> None:
    graph = cat.graph()
    edges = {(edge["from"], edge["type"], edge["to"]) for edge in graph.to_dicts()}
    assert ("service:search/search-api", "uses", "resource:arn:aws:s3:::synonyms") in edges
    assert ("resource:arn:aws:s3:::invoices", "owned_by", "team:payments") in edges
    table = graph.to_arrow()
    assert table.column_names == ["from", "type", "to", "rule", "source"]
    assert table.num_rows == len(graph) == len(edges)
    assert set(graph.to_polars()["type"]) == set(graph.to_pandas()["type"])
    assert graph.dependents("resource:arn:aws:s3:::synonyms") == [
        "service:search/search-api",
        "service:payments/orders-api",
    ]
    with pytest.raises(portal.NotFound):
        graph.dependents("team:nobody")


def test_networkx_and_rustworkx_get_nodes_with_their_owners(cat: portal.Catalog) -> None:
    graph = cat.graph()
    net = graph.to_networkx()
    assert net.number_of_nodes() == len(graph.nodes) and net.number_of_edges() == len(graph)
    assert net.nodes["resource:arn:aws:s3:::invoices"]["team"] == "payments"
    assert net.has_edge("service:search/search-api", "resource:arn:aws:s3:::synonyms", key="uses")
    rust = graph.to_rustworkx()
    assert (rust.num_nodes(), rust.num_edges()) == (len(graph.nodes), len(graph))
    index = rust.attrs
    assert rust.get_edge_data(index["service:search/search-api"], index["resource:arn:aws:s3:::synonyms"]) == "uses"


@pytest.mark.parametrize(
    ("package", "method", "extra"),
    [
        ("pyarrow", "to_arrow", "arrow"),
        ("pandas", "to_pandas", "pandas"),
        ("polars", "to_polars", "polars"),
        ("networkx", "to_networkx", "networkx"),
        ("rustworkx", "to_rustworkx", "rustworkx"),
    ],
)
def test_a_missing_package_names_the_extra(
    cat: portal.Catalog, monkeypatch: pytest.MonkeyPatch, package: str, method: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"pip install 'portal\[{extra}\]'"):
        getattr(cat.graph(), method)()
