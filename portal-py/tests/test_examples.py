"""The programs of examples/python run, and do what they say."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import pytest
from conftest import BUCKETS, ROOT, Room, bucket, write_lake

import portal
from portal.testing import check_source

EXAMPLES = ROOT / "examples" / "python"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Any:
    def run(name: str, *arguments: str, code: int = 0, cwd: Path = tmp_path) -> str:
        command = [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments]
        done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_every_example_is_tested() -> None:
    programs = {path.stem for path in EXAMPLES.glob("*.py")}
    # The last one is tested where the source `exec` is.
    assert programs == {
        "who_owns", "orphans", "ownership_table", "boto3_source", "slack_owner", "cron", "collect_buckets"
    }


def test_who_owns_says_what_the_command_line_says(run: Any, kept_room: Room) -> None:
    said = run("who_owns", kept_room.store, "invoices")
    assert said.splitlines()[:2] == ["resource:arn:aws:s3:::invoices", "  owned by team payments (by tag)"]
    code = [line for line in (EXAMPLES / "who_owns.py").read_text().split('"""')[2].splitlines() if line]
    assert len([line for line in code if not line.startswith("import")]) == 3 and len(code) == 5


def test_orphans_are_a_file_that_no_spreadsheet_runs(run: Any, own_room: Room, tmp_path: Path) -> None:
    write_lake(own_room.lake, [*BUCKETS, bucket("claimed", {"team": "=HYPERLINK(\"http://evil\")"})])
    own_room.ingest()
    path = tmp_path / "orphans.csv"
    assert "3 of 7 resources have no owner" in run("orphans", own_room.store, str(path))
    with open(path, newline="", encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert {name: row["ownership"] for name, row in rows.items()} == {
        "claimed": "unregistered", "ghost": "unregistered", "orphan": "unowned",
    }
    assert rows["ghost"]["claimed"] == "Nobody Knows"
    assert rows["claimed"]["claimed"].startswith("'=")


def test_the_ownership_table_counts_by_owner_and_environment(run: Any, kept_room: Room) -> None:
    with portal.connect(kept_room.store) as cat:
        table = load("ownership_table").table(cat)
    counted = table["All"].to_dict()
    assert counted["payments"] == 2
    assert "payments" in run("ownership_table", kept_room.store)


@pytest.fixture
def aws(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A simulator of AWS, for boto3 in this process and below it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_SECRET_ACCESS_KEY": "simulated",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    environment.update(variables)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.filterwarnings("default")
def test_the_boto3_collector_is_a_good_source(run: Any, aws: Any, own_room: Room) -> None:
    import boto3

    for region, name, tags in [("eu-west-1", "jobs", {"team": "pay"}), ("us-east-1", "idle", {})]:
        sqs = boto3.client("sqs", region_name=region)
        sqs.create_queue(QueueName=name, tags=tags)
    queues = load("boto3_source").Queues
    check_source(lambda: queues(["eu-west-1", "us-east-1"]), needs_rights=True)
    assert "2 objects of 1 sources; 2 of 2 kinds read whole" in run(
        "boto3_source", "eu-west-1", "us-east-1", cwd=own_room.folder
    )
    own_room.ingest()
    with portal.connect(own_room.store) as cat:
        assert cat.owner("jobs").team == "payments"
        assert cat.owner("idle").state == "unowned"
        assert [one.region for one in cat.resources(type="queue")] == ["eu-west-1", "us-east-1"]


@pytest.mark.filterwarnings("default")
def test_a_right_that_boto3_lacks_is_denied(aws: Any, own_room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from botocore.exceptions import ClientError

    module = load("boto3_source")
    client = boto3.client

    def refusing(service: str, **options: Any) -> Any:
        made = client(service, **options)
        if service == "sqs":
            answer = {"Error": {"Code": "AccessDenied", "Message": "no"}}

            def refuse(_: str) -> Any:
                raise ClientError(answer, "ListQueues")

            made.get_paginator = refuse
        return made

    monkeypatch.setattr(module.boto3, "client", refusing)
    report = portal.collect(sources=[module.Queues(["eu-west-1"])], lake=own_room.lake, only=[])
    [kind] = report.kinds
    assert (kind.coverage, kind.permission) == ("denied", "sqs:ListQueues")


def slash(app: Any, text: str) -> str:
    """What Slack would get for a command, without Slack."""
    from slack_bolt import BoltRequest

    body = urlencode({"command": "/owner", "text": text, "user_id": "U1", "team_id": "T1", "channel_id": "C1"})
    headers: dict[str, str | Sequence[str]] = {"content-type": ["application/x-www-form-urlencoded"]}
    response = app.dispatch(BoltRequest(body=body, headers=headers))
    assert response.status == 200, response.body
    answer = response.body
    return str(json.loads(answer)["text"]) if answer.startswith("{") else str(answer)


@pytest.mark.filterwarnings("default")
def test_the_slash_command_answers_offline(own_room: Room) -> None:
    from slack_bolt.authorization import AuthorizeResult

    write_lake(own_room.lake, [*BUCKETS, bucket("hostile", {"team": "<!channel>"})])
    own_room.ingest()
    with portal.connect(own_room.store) as cat:
        app = load("slack_owner").app(
            cat,
            signing_secret="secret",
            request_verification_enabled=False,
            authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-test"),
        )
        assert "owned by team payments (by tag)" in slash(app, "invoices")
        assert "service:shop/orders" in slash(app, "orders")
        assert "there is nothing named" in slash(app, "nothing-of-that-name")
        assert "`/owner invoices`" in slash(app, " ")
        assert "<!channel>" not in slash(app, "hostile") and "&lt;!channel&gt;" in slash(app, "hostile")
        write_lake(own_room.lake, [*BUCKETS, bucket("fresh", {"team": "search"})])
        own_room.ingest()
        assert "owned by team search" in slash(app, "fresh")


def test_cron_collects_ingests_and_says_how_it_went(run: Any, tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    manifest = tmp_path / "deploy" / "api.yaml"
    manifest.write_text("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {}\n")
    config = tmp_path / "portal.toml"
    config.write_text("[[source]]\ntype = 'manifests'\npath = 'deploy'\ncluster = 'prod'\n")
    assert "Report(revision=1" in run("cron", str(config))
    manifest.with_name("broken.yaml").write_text("{{ no yaml")
    assert "manifests" in run("cron", str(config), code=3)
    config.write_text("[[source]]\ntype = 'manifests'\npath = 'nowhere'\ncluster = 'prod'\n")
    assert "portal: nothing could be read of any source" in run("cron", str(config), code=1)
    assert "cannot read the configuration" in run("cron", str(tmp_path / "none.toml"), code=1)
