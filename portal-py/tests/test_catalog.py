"""Answers, in each kind of store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ACCOUNT, BUCKETS, REGION, Room, bucket, write_lake

import portal


def test_who_owns_something_is_found_by_ref_arn_and_name(room: Room) -> None:
    with portal.connect(room.store) as cat:
        for asked in ["arn:aws:s3:::invoices", "resource:arn:aws:s3:::invoices", "invoices", " Invoices "]:
            owner = cat.owner(asked)
            assert (owner.state, owner.team, owner.rule) == ("owned", "payments", "tag"), asked
            assert owner.ref == "resource:arn:aws:s3:::invoices"
        claim = owner.evidence[0]
        assert (claim.field, claim.raw, claim.team, claim.won) == ("tag team", "payments", "payments", True)
        assert claim.read_at is not None and claim.read_at.tzinfo is UTC
        assert cat.owner("payments/orders-api").ref == "service:payments/orders-api"


def test_every_state_of_ownership_is_told(room: Room) -> None:
    with portal.connect(room.store) as cat:
        states = {name: cat.owner(f"arn:aws:s3:::{name}").state for name in ("invoices", "orphan", "ghost", "sealed")}
        assert states == {"invoices": "owned", "orphan": "unowned", "ghost": "unregistered", "sealed": "unknown"}
        assert cat.owner("synonyms").rule == "used-by"
        assert cat.owner("synonyms").team == "search"


def test_a_name_of_several_things_lists_them(room: Room) -> None:
    with portal.connect(room.store) as cat:
        with pytest.raises(portal.Ambiguous) as raised:
            cat.owner("orders")
        database = f"resource:arn:aws:rds:{REGION}:{ACCOUNT}:db:orders"
        assert raised.value.candidates == [database, "service:shop/orders"]
        assert all(candidate in str(raised.value) for candidate in raised.value.candidates)


def test_what_is_not_there_and_what_nobody_owns_are_told_apart(cat: portal.Catalog) -> None:
    for asked in ["arn:aws:s3:::nothing", "service:a/b", "nothing", ""]:
        with pytest.raises(portal.NotFound):
            cat.owner(asked)
    with pytest.raises(portal.InvalidInput, match="has no owner"):
        cat.owner("team:payments")
    assert issubclass(portal.NotFound, portal.PortalError)


def test_an_explanation_says_what_the_command_line_says(cat: portal.Catalog) -> None:
    why = cat.why("synonyms")
    assert str(why).splitlines()[:2] == [
        "resource:arn:aws:s3:::synonyms",
        "  owned by team search (by used-by)",
    ]
    assert [link.ref for link in why.used_by] == ["service:search/search-api"]
    assert why.used_by[0].evidence[0].field == "env SYNONYMS_BUCKET"
    assert why.environment is not None and why.environment.name == "prod"
    assert why.to_dict()["used_by"][0]["ref"] == "service:search/search-api"
    assert why.owner == cat.owner("synonyms")


def names(entities: portal.Entities[Any]) -> list[str]:
    return [entity.name for entity in entities]


def test_lists_are_narrowed_by_all_filters_at_once(room: Room) -> None:
    with portal.connect(room.store) as cat:
        assert names(cat.teams()) == ["payments", "search"]
        assert names(cat.resources(type="bucket")) == ["ghost", "invoices", "orphan", "sealed", "synonyms"]
        assert names(cat.resources(team="Payments Squad")) == ["orders", "invoices"]
        assert names(cat.resources(team=["pay", "search"], type="bucket")) == ["invoices", "synonyms"]
        assert names(cat.resources(tag={"stage": "prod", "team": "payments"})) == ["invoices"]
        assert names(cat.resources(tag=["stage=prod", "stage=dev"])) == ["invoices", "orphan", "synonyms"]
        assert names(cat.resources(ownership=["unowned", "unknown"])) == ["orphan", "sealed"]
        assert names(cat.resources(environment="prod", region=REGION, type="database")) == ["orders"]
        assert names(cat.services(environment=ACCOUNT)) == ["orders-api", "search-api", "orders"]
        assert names(cat.services(status="degraded", product="checkout")) == ["orders-api"]
        assert names(cat.resources(q="RPHA")) == ["orphan"]
        assert names(cat.environments()) == ["prod"]
        assert names(cat.products()) == ["checkout"]
        assert len(cat.workloads(type="deployment")) == 3


def test_a_filter_that_nothing_can_fit_is_refused(cat: portal.Catalog) -> None:
    with pytest.raises(portal.InvalidInput, match="no team is named `paymnts`; there are payments, search"):
        cat.resources(team="paymnts")
    with pytest.raises(portal.InvalidInput, match="no environment is named `prd`; there are prod"):
        cat.services(environment="prd")
    with pytest.raises(portal.InvalidInput, match="owned, unowned"):
        cat.resources(ownership="orphaned")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no filter `tema` here; there are team"):
        cat.resources(tema="payments")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="`team` takes a text"):
        cat.resources(team=7)  # type: ignore[arg-type]


def test_entities_have_the_fields_of_the_api(cat: portal.Catalog) -> None:
    invoices = cat.get("invoices")
    assert isinstance(invoices, portal.Resource)
    assert (invoices.arn, invoices.type, invoices.region) == ("arn:aws:s3:::invoices", "bucket", REGION)
    assert invoices.tags == {"team": "payments", "stage": "prod"}
    assert invoices.created_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert invoices.product == "checkout" and not invoices.stale
    orders = cat.get("service:payments/orders-api")
    assert isinstance(orders, portal.Service)
    assert orders.depends_on == ["service:search/search-api"]
    assert orders.workloads == ["workload:k8s/prod-eu/payments/deployment/orders-api"]
    assert orders.status == "degraded" and orders.environments == ["prod"]
    team = cat.get("team:pay")
    assert isinstance(team, portal.Team)
    assert (team.ref, team.services, team.resources) == ("team:payments", 1, 2)
    with pytest.raises(AttributeError):
        team.name = "other"  # type: ignore[misc]


def test_entities_are_equal_by_their_identity(cat: portal.Catalog) -> None:
    assert cat.get("invoices") == cat.get("arn:aws:s3:::invoices")
    assert len({cat.get("invoices"), cat.get("invoices"), cat.get("orphan")}) == 2
    assert cat.get("invoices") != "resource:arn:aws:s3:::invoices"


def test_news_are_seen_after_a_refresh_and_lists_stay_what_they_are(room: Room) -> None:
    with portal.connect(room.store) as cat:
        before = cat.resources(type="bucket")
        revision = cat.revision
        assert not cat.refresh()
        write_lake(room.lake, [*BUCKETS, bucket("fresh", {"team": "search"})])
        assert room.ingest().added == 1
        assert len(cat.resources(type="bucket")) == 5
        assert cat.refresh()
        assert cat.owner("fresh").team == "search"
        assert cat.revision == revision + 1 and cat.revised_at is not None
        assert [one.name for one in before] == ["ghost", "invoices", "orphan", "sealed", "synonyms"]
        assert before.revision == revision


def test_a_closed_catalog_says_so_and_its_lists_can_be_read(kept_room: Room) -> None:
    with portal.connect(kept_room.store) as cat:
        teams = cat.teams()
    assert [team.name for team in teams] == ["payments", "search"]
    asks: list[Callable[[], object]] = [lambda: cat.owner("invoices"), cat.refresh, cat.teams, lambda: len(cat), lambda: cat.revision]
    for ask in asks:
        with pytest.raises(portal.PortalError, match="closed"):
            ask()
    cat.close()
    assert "closed" in repr(cat)


def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(portal.StoreError, match="nothing.db"):
        portal.connect(f"sqlite:{tmp_path / 'nothing.db'}")
    assert not (tmp_path / "nothing.db").exists()
    with pytest.raises(portal.InvalidInput, match="mysql"):
        portal.connect("mysql://localhost/portal")


def test_a_refused_connection_is_a_store_error() -> None:
    with pytest.raises(portal.StoreError) as raised:
        portal.connect("postgres://postgres:secret@127.0.0.1:1/portal?connect_timeout=2")
    assert "secret" not in str(raised.value)


def test_where_store_and_lake_are_is_taken_from_argument_environment_and_file(
    own_room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(own_room.folder)
    # The default, `sqlite:portal.db` in the current folder.
    with portal.connect() as cat:
        assert cat.owner("invoices").team == "payments"
    own_room.config.write_text("store = 'sqlite:from-file.db'\n" + own_room.config.read_text())
    assert portal.ingest().added > 0
    assert (own_room.folder / "from-file.db").exists()
    monkeypatch.setenv("PORTAL_STORE", f"sqlite:{tmp_path / 'from-environment.db'}")
    assert portal.ingest().added > 0
    with portal.connect() as cat:
        assert cat.store_location.endswith("from-environment.db")


def test_a_wrong_key_of_the_configuration_names_its_line(own_room: Room) -> None:
    own_room.config.write_text("[[team]]\nname = 'a'\nalias = ['b']\n")
    with pytest.raises(portal.InvalidInput, match="line 3: unknown key `alias` in .*did you mean `aliases`"):
        own_room.ingest()


def test_an_ingest_reports_what_it_did(room: Room) -> None:
    report = room.ingest()
    assert (report.added, report.changed, report.retired, report.scopes.unchanged) == (0, 0, 0, 4)
    assert report.to_dict()["scopes"] == {"read": 0, "unchanged": 4, "waiting": 0, "late": 0}
    assert report.revision == 1 and report.seconds >= 0
    with pytest.raises(portal.StoreError, match="cannot read the lake"):
        portal.ingest(room.folder / "no-lake", room.store, room.config)


def test_search_finds_the_best_first(cat: portal.Catalog) -> None:
    assert [found.ref for found in cat.search("orders", limit=3)] == [
        "service:shop/orders",
        "workload:k8s/prod-eu/shop/deployment/orders",
        f"resource:arn:aws:rds:{REGION}:{ACCOUNT}:db:orders",
    ]
    assert cat.search("") == []


def test_findings_name_what_a_person_should_look_at(cat: portal.Catalog) -> None:
    unknown = [finding for finding in cat.findings() if finding["kind"] == "unknown-team"]
    assert [finding["subject"] for finding in unknown] == ["resource:arn:aws:s3:::ghost"]


def test_notebooks_show_text_of_outside_systems_as_text(own_room: Room) -> None:
    hostile = "<script>alert(1)</script>"
    write_lake(own_room.lake, [bucket("x", {"team": hostile, "note": hostile})])
    own_room.ingest()
    with portal.connect(own_room.store) as cat:
        shown = [
            cat.resources()._repr_html_(),
            cat.get("arn:aws:s3:::x")._repr_html_(),
            cat.owner("arn:aws:s3:::x")._repr_html_(),
            cat.why("arn:aws:s3:::x")._repr_html_(),
            cat.graph()._repr_html_(),
            cat._repr_html_(),
        ]
    assert any("&lt;script&gt;" in html for html in shown)
    assert not any("<script>" in html for html in shown)


def test_representations_name_what_they_are(cat: portal.Catalog) -> None:
    assert repr(cat.get("invoices")) == (
        'Resource("resource:arn:aws:s3:::invoices", team="payments", ownership="owned")'
    )
    assert repr(cat.teams()) == "<2 teams of revision 1: team:payments, team:search>"
    assert repr(cat.teams(q="nobody")) == "<0 teams of revision 1>"
    assert 'team="payments"' in repr(cat.owner("invoices"))
    assert str(cat.owner("invoices")).splitlines()[1] == "  owned by team payments (by tag)"
