"""Sources written in Python run in the same pipeline as those written in Rust."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ACCOUNT, REGION, bucket

import portal

Yielded = Any


class Buckets(portal.Source):
    """Buckets of one account, from memory; each test gives what `collect` does."""

    name = "python-aws"
    folder = "aws"
    kinds = ("s3", "rds")
    permissions = (portal.Permission("aws", "s3:ListAllMyBuckets", "s3"),)

    def __init__(self, collects: Callable[[portal.Scope], Iterable[Yielded]]) -> None:
        self.collects = collects

    def scopes(self) -> Iterable[Any]:
        return [{"account": ACCOUNT, "region": REGION}]

    def collect(self, scope: portal.Scope) -> Iterable[Yielded]:
        return self.collects(scope)


def read(collects: Callable[[portal.Scope], Iterable[Yielded]], lake: Path) -> dict[str, portal.KindRead]:
    report = portal.collect(sources=[Buckets(collects)], lake=lake, only=[])
    return {kind.kind: kind for kind in report.kinds}


def some(*buckets: str) -> Callable[[portal.Scope], Iterator[Yielded]]:
    def collects(_: portal.Scope) -> Iterator[Yielded]:
        for name in buckets:
            yield "s3", bucket(name, {"team": "payments"})

    return collects


def test_from_a_source_in_python_to_an_owner(tmp_path: Path, store_url: str) -> None:
    given: list[portal.Scope] = []

    def collects(scope: portal.Scope) -> Iterator[Yielded]:
        given.append(scope)
        yield "s3", bucket("invoices", {"team": "payments"})
        yield "s3", "second", bucket("other", {})

    kinds = read(collects, tmp_path / "lake")
    assert given == [portal.Scope(account=ACCOUNT, region=REGION)]
    assert (given[0].account, given[0].region, given[0].path) == (ACCOUNT, REGION, [ACCOUNT, REGION])
    assert (kinds["s3"].coverage, kinds["s3"].items, kinds["s3"].source) == ("complete", 2, "python-aws")
    assert (kinds["rds"].coverage, kinds["rds"].items) == ("complete", 0)
    config = tmp_path / "portal.toml"
    config.write_text("[[team]]\nname = 'payments'\n")
    portal.ingest(tmp_path / "lake", store_url, config)
    with portal.connect(store_url) as cat:
        owner = cat.owner("invoices")
        assert (owner.team, owner.evidence[0].source) == ("payments", "python-aws")
        assert cat.owner("other").state == "unowned"


def test_what_may_not_be_kept_does_not_reach_the_lake(tmp_path: Path) -> None:
    class Cluster(portal.Source):
        name = "cluster"
        folder = "k8s"
        kinds = ("deployments",)

        def scopes(self) -> Iterable[portal.Scope]:
            yield portal.Scope(cluster="c", namespace="n")

        def collect(self, scope: portal.Scope) -> Iterator[Yielded]:
            env = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "DB_HOST", "value": "db.corp.example"}]
            spec = {"template": {"spec": {"containers": [{"name": "c", "image": "i", "args": ["--key=hunter2"], "env": env}]}}}
            meta = {"name": "api", "namespace": "n", "annotations": {"note": "hunter2"}}
            yield "deployments", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}

    portal.collect(sources=[Cluster()], lake=tmp_path / "lake", only=[])
    files = [path for path in (tmp_path / "lake").rglob("*") if path.is_file() and path.name != ".lock"]
    assert any(path.name == "api.json" for path in files)
    texts = [path.read_text() for path in files]
    assert not any("hunter2" in text for text in texts)
    assert any("db.corp.example" in text for text in texts)


def test_a_permission_error_is_denied_and_keeps_what_was_yielded(tmp_path: Path) -> None:
    def nothing(_: portal.Scope) -> Iterator[Yielded]:
        raise PermissionError("AccessDenied")
        yield

    kinds = read(nothing, tmp_path / "lake")
    assert (kinds["s3"].coverage, kinds["s3"].permission) == ("denied", "s3:ListAllMyBuckets")
    assert kinds["s3"].reason is not None
    assert "PermissionError: AccessDenied (test_source.py, line" in kinds["s3"].reason
    assert kinds["rds"].coverage == "denied"

    def half(scope: portal.Scope) -> Iterator[Yielded]:
        yield from some("a", "b")(scope)
        error = PermissionError("no more pages")
        error.permission = "s3:Next"  # type: ignore[attr-defined]
        raise error

    kinds = read(half, tmp_path / "lake")
    assert (kinds["s3"].coverage, kinds["s3"].items) == ("partial", 2)
    assert (kinds["rds"].coverage, kinds["rds"].permission) == ("denied", "s3:Next")


def test_any_other_exception_is_failed_and_reaches_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(scope: portal.Scope) -> Iterator[Yielded]:
        yield from some("a")(scope)
        yield portal.Outcome("s3", "complete")
        raise KeyError("Name")

    with caplog.at_level(logging.WARNING, "portal"):
        kinds = read(breaks, tmp_path / "lake")
    assert (kinds["s3"].coverage, kinds["rds"].coverage) == ("complete", "failed")
    assert kinds["rds"].reason is not None and kinds["rds"].reason.startswith("KeyError: 'Name'")
    [record] = caplog.records
    assert record.exc_info is not None and isinstance(record.exc_info[1], KeyError)
    assert "python-aws" in record.getMessage()


def test_what_was_known_stays_after_a_bad_read(own_room: Any) -> None:
    source = Buckets(some("a", "b", "c"))
    lake = own_room.folder / "other-lake"
    portal.collect(sources=[source], lake=lake, only=[])
    portal.ingest(lake, own_room.store, own_room.config)

    def breaks(_: portal.Scope) -> Iterator[Yielded]:
        raise TimeoutError("no answer")
        yield

    with pytest.raises(portal.SourceError) as raised:
        portal.collect(sources=[Buckets(breaks)], lake=lake, only=[])
    assert raised.value.report is not None and not raised.value.report.is_whole
    portal.ingest(lake, own_room.store, own_room.config)
    with portal.connect(own_room.store) as cat:
        assert [cat.owner(f"arn:aws:s3:::{name}").stale for name in "abc"] == [True, True, True]


def test_a_kind_that_is_empty_one_day_retires_what_was_in_it(tmp_path: Path, own_room: Any) -> None:
    lake = tmp_path / "other-lake"
    read(some("a", "b"), lake)
    portal.ingest(lake, own_room.store, own_room.config)
    read(some(), lake)
    assert portal.ingest(lake, own_room.store, own_room.config).retired >= 2


@pytest.mark.parametrize(
    ("yielded", "reason"),
    [
        (("s3", ["no", "dict"]), "an object of kind `s3` is no dict"),
        (("lambda", {}), "`lambda` was yielded, which is not among the `kinds`"),
        (("../x", {}), "cannot be a kind"),
        ({"Name": "x"}, r"yields \(kind, object\)"),
        (("s3", "name", {"a": {"b": object()}}), "`a.b` is a `object`, which JSON does not have"),
        (("s3", {"size": float("nan")}), "`size` is NaN"),
        (("s3", {1: 2}), "a key of the object is no text: 1"),
        (("s3", {"text": "\ud800"}), "`text` is no valid text"),
        (portal.Outcome("lambda", "complete"), "not among the `kinds`"),
    ],
)
def test_what_cannot_be_kept_fails_the_read_and_says_why(tmp_path: Path, yielded: Yielded, reason: str) -> None:
    closed = []

    def collects(scope: portal.Scope) -> Iterator[Yielded]:
        yield from some("a")(scope)
        try:
            yield yielded
            yield from some("b")(scope)
        finally:
            closed.append(True)

    kinds = read(collects, tmp_path / "lake")
    assert kinds["s3"].coverage == "partial" and kinds["s3"].items <= 2
    assert kinds["rds"].coverage == "failed"
    assert kinds["s3"].reason is not None
    assert re.search(reason, kinds["s3"].reason), kinds["s3"].reason
    deadline = time.monotonic() + 5
    while not closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert closed


def test_a_kind_that_has_ended_takes_nothing_more(tmp_path: Path) -> None:
    def collects(scope: portal.Scope) -> Iterator[Yielded]:
        yield portal.Outcome("s3", "absent", reason="no such service here")
        yield "s3", bucket("late", {})

    kinds = read(collects, tmp_path / "lake")
    assert kinds["s3"].coverage == "absent"
    assert kinds["rds"].reason == "`s3` was yielded after its end"


def test_an_object_that_comes_twice_is_kept_once_and_named(tmp_path: Path) -> None:
    def collects(scope: portal.Scope) -> Iterator[Yielded]:
        yield from some("a", "a")(scope)
        yield portal.Unread("s3", "tags of b: AccessDenied")

    kinds = read(collects, tmp_path / "lake")
    assert kinds["s3"].items == 1
    assert [text.split(":")[0] for text in kinds["s3"].unread][-1] == "tags of b"
    assert "was yielded twice" in kinds["s3"].unread[0]


def test_times_and_nested_values_become_json(tmp_path: Path) -> None:
    from datetime import UTC, date, datetime

    def collects(_: portal.Scope) -> Iterator[Yielded]:
        made = bucket("a", {})
        made["CreationDate"] = datetime(2024, 5, 1, 10, tzinfo=UTC)
        made["Tags"] = ({"Key": "since", "Value": date(2024, 5, 1)}, {"Key": "n", "Value": True})
        yield "s3", made

    read(collects, tmp_path / "lake")
    [written] = json.loads((tmp_path / "lake" / "aws-collector" / ACCOUNT / REGION / "s3.json").read_text())
    assert written["CreationDate"] == "2024-05-01T10:00:00+00:00"
    assert written["Tags"][0] == {"Key": "since", "Value": "2024-05-01"}


def test_several_sources_and_scopes_run_at_once(tmp_path: Path) -> None:
    # Each waits for all others: one after the other, none would ever get on.
    together = threading.Barrier(4)

    class Side(portal.Source):
        kinds = ("things",)

        def __init__(self, name: str) -> None:
            self.name = name

        def scopes(self) -> Iterable[portal.Scope]:
            return [portal.Scope(path=["a"]), portal.Scope(path=["b"])]

        def collect(self, scope: portal.Scope) -> Iterator[Yielded]:
            together.wait(timeout=20)
            yield "things", {"id": f"{self.name}/{scope}", "tags": {}}

    report = portal.collect(sources=[Side("one"), Side("two")], lake=tmp_path / "lake", only=[])
    assert report.is_whole and len(report.kinds) == 4


def test_other_threads_run_while_a_source_waits_to_be_written(tmp_path: Path) -> None:
    ticks = 0
    stop = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not stop.is_set():
            ticks += 1
            time.sleep(0.001)

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        before = ticks
        kinds = read(some(*(f"b{at}" for at in range(20_000))), tmp_path / "lake")
        assert kinds["s3"].items == 20_000
        assert ticks > before + 10
    finally:
        stop.set()
        ticking.join()


def test_a_source_that_takes_too_long_is_cut_and_closed(tmp_path: Path) -> None:
    closed = threading.Event()

    def endless(scope: portal.Scope) -> Iterator[Yielded]:
        try:
            yield from some("a")(scope)
            yield portal.Outcome("s3", "complete")
            for at in range(10**6):
                time.sleep(0.02)
                yield "rds", {"DBInstanceIdentifier": f"db-{at}", "TagList": []}
        finally:
            closed.set()

    report = portal.collect(sources=[Buckets(endless)], lake=tmp_path / "lake", only=[], deadline=0.5)
    kinds = {kind.kind: kind for kind in report.kinds}
    assert kinds["s3"].coverage == "complete"
    assert kinds["rds"].coverage == "failed" and "not read within" in str(kinds["rds"].reason)
    assert closed.wait(5)


def test_scopes_that_cannot_be_listed_change_nothing(tmp_path: Path) -> None:
    class Denied(Buckets):
        def scopes(self) -> Iterable[Any]:
            raise PermissionError("organizations:ListAccounts")

    read(some("a"), tmp_path / "lake")
    report = portal.collect(sources=[Denied(some())], lake=tmp_path / "lake", only=[])
    assert "PermissionError: organizations:ListAccounts" in report.errors[0]
    assert {kind.coverage for kind in report.kinds} == {"denied"}, "a missing right is told, and is no failure"


@pytest.mark.parametrize(
    ("scopes", "problem"),
    [
        ([{"account": "1"}], "a scope is `account` and `region`"),
        ([{"account": "1", "region": "r", "zone": "z"}], "unknown field `zone`"),
        ([{"domain": "d"}], "is for scopes of another form"),
        (7, r"scopes\(\) returned `int`"),
    ],
)
def test_a_scope_that_is_none_is_told(tmp_path: Path, scopes: Any, problem: str) -> None:
    class Strange(Buckets):
        def scopes(self) -> Any:
            return scopes

    with pytest.raises(portal.SourceError) as raised:
        portal.collect(sources=[Strange(some())], lake=tmp_path / "lake", only=[])
    assert raised.value.report is not None
    assert re.search(problem, raised.value.report.errors[0])


def test_a_method_that_is_asynchronous_or_returns_nothing_is_told(tmp_path: Path) -> None:
    async def asynchronous(_: portal.Scope) -> Any:
        yield "s3", {}

    with pytest.raises(portal.SourceError) as raised:
        read(asynchronous, tmp_path / "lake")
    assert raised.value.report is not None
    assert "write it without `async`" in str(raised.value.report.kinds[0].reason)
    with pytest.raises(portal.SourceError) as raised:
        read(lambda scope: None, tmp_path / "lake")  # type: ignore[arg-type,return-value]
    assert raised.value.report is not None
    assert "returned `NoneType`" in str(raised.value.report.kinds[0].reason)


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"name": None}, "`name` is missing"),
        ({"name": "two words"}, "a word without spaces"),
        ({"name": "x", "folder": "A/B"}, "use a-z, 0-9 and -"),
        ({"name": "x", "kinds": "s3"}, "a list or tuple of texts"),
        ({"name": "x", "kinds": ["../s3"]}, "cannot be a kind"),
        ({"name": "x", "permissions": ["a"]}, "system, action, kind"),
        ({"name": "x", "collect": None}, "`collect` is missing"),
    ],
)
def test_a_source_that_says_something_wrong_of_itself_is_refused(
    tmp_path: Path, attributes: dict[str, Any], problem: str
) -> None:
    made = type("Made", (), {"scopes": lambda self: [], "collect": lambda self, scope: [], **attributes})
    with pytest.raises(portal.InvalidInput, match=problem):
        portal.collect(sources=[made()], lake=tmp_path / "lake", only=[])
    with pytest.raises(portal.InvalidInput, match="is a class; give an object"):
        portal.collect(sources=[made], lake=tmp_path / "lake", only=[])  # type: ignore[list-item]


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(portal.InvalidInput, match="two sources are named `python-aws`"):
        portal.collect(sources=[Buckets(some()), Buckets(some())], lake=tmp_path / "lake", only=[])


def test_no_source_at_all_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(portal.InvalidInput, match=r"\[\[source\]\]"):
        portal.collect(lake=tmp_path / "lake")


def test_configured_sources_and_sources_in_python_run_together(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "api.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {}\n"
    )
    config = tmp_path / "portal.toml"
    config.write_text(
        f"lake = '{tmp_path / 'lake'}'\n[[source]]\nname = 'gitops'\ntype = 'manifests'\n"
        f"path = '{tmp_path / 'deploy'}'\ncluster = 'prod'\n"
    )
    report = portal.collect(config, sources=[Buckets(some("a"))])
    assert {kind.source for kind in report.kinds} == {"gitops", "python-aws"}
    assert {kind.source for kind in portal.collect(config, only=["gitops"]).kinds} == {"gitops"}
    with pytest.raises(portal.InvalidInput, match="there is no source `other`; configured: gitops"):
        portal.collect(config, only=["other"])


def test_scopes_and_outcomes_check_their_words() -> None:
    assert repr(portal.Scope(path=["north", "hall 1"])) == 'Scope(path=["north", "hall 1"])'
    assert portal.Scope(cluster="c", namespace="n") != portal.Scope(cluster="c", namespace="m")
    assert len({portal.Scope(domain="d"), portal.Scope(domain="d")}) == 1
    with pytest.raises(portal.InvalidInput, match="`region` is empty"):
        portal.Scope(account="1", region="")
    for words in [("complete", "why", None), ("partial", None, None), ("denied", "why", None), ("most", "why", None)]:
        with pytest.raises(ValueError, match="complete|reason|permission|coverage"):
            portal.Outcome("s3", words[0], reason=words[1], permission=words[2])  # type: ignore[arg-type]
