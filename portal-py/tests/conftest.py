"""What tests share: an estate in a lake, stores in SQLite and PostgreSQL, and interpreters of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import portal

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "011122223333"
REGION = "eu-west-1"

CONFIGURATION = f"""
[[team]]
name = "payments"
aliases = ["pay", "Payments Squad"]
product = "checkout"

[[team]]
name = "search"

[environments.{ACCOUNT}]
name = "prod"
"""


def bucket(name: str, tags: dict[str, str] | None) -> dict[str, Any]:
    """A bucket as boto3 shows it; without tags where they could not be read."""
    made = {"Name": name, "BucketArn": f"arn:aws:s3:::{name}", "BucketRegion": REGION}
    made["CreationDate"] = "2024-05-01T10:00:00Z"
    if tags is not None:
        return made | {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    return made | {"TagsError": "AccessDenied: s3:GetBucketTagging"}


def deployment(namespace: str, name: str, team: str | None, env: dict[str, str]) -> dict[str, Any]:
    """A Deployment as kubectl shows it."""
    labels = {"app": name} | ({"team": team} if team else {})
    variables = [{"name": key, "value": value} for key, value in env.items()]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}", "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": f"registry/{name}:1", "env": variables}]},
            },
        },
        "status": {"readyReplicas": 1},
    }


BUCKETS = [
    bucket("invoices", {"team": "payments", "stage": "prod"}),
    bucket("orphan", {"stage": "prod"}),
    bucket("ghost", {"team": "Nobody Knows"}),
    bucket("sealed", None),
    bucket("synonyms", {"stage": "dev"}),
]
DATABASES = [
    {
        "DBInstanceIdentifier": "orders",
        "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders",
        "Engine": "postgres",
        "EngineVersion": "15.7",
        "TagList": [{"Key": "Team", "Value": "Payments Squad"}],
    },
]
DEPLOYMENTS = [
    deployment("payments", "orders-api", "payments", {"DB_PASSWORD": "hunter2", "SEARCH_HOST": "search-api.search"}),
    deployment("search", "search-api", "search", {"SYNONYMS_BUCKET": "synonyms"}),
    deployment("shop", "orders", None, {}),
]


SERVICES: list[dict[str, Any]] = [
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "search-api", "namespace": "search", "uid": "uid-service-search-api"},
        "spec": {"selector": {"app": "search-api"}, "ports": [{"port": 80}]},
    },
]


def write_lake(lake: Path, buckets: list[dict[str, Any]] = BUCKETS) -> None:
    """Plain files without manifests, as somebody makes them with boto3 and kubectl."""
    aws = lake / "aws-collector" / ACCOUNT / REGION
    aws.mkdir(parents=True, exist_ok=True)
    (aws / "s3.json").write_text(json.dumps(buckets))
    (aws / "rds.json").write_text(json.dumps(DATABASES))
    for one in [*DEPLOYMENTS, *SERVICES]:
        meta, kind = one["metadata"], one["kind"].lower() + "s"
        folder = lake / "k8s-collector" / ACCOUNT / REGION / "prod-eu" / meta["namespace"] / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{meta['name']}.json").write_text(json.dumps(one))


class Room:
    """A folder with a configuration, a lake and a store."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.lake = folder / "lake"
        self.config = folder / "portal.toml"
        self.store = store
        self.config.write_text(CONFIGURATION)
        write_lake(self.lake)

    def ingest(self) -> portal.Report:
        return portal.ingest(self.lake, self.store, self.config)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL that the tests of a run share, started by tools/bed."""
    bed = subprocess.Popen(
        [sys.executable, str(ROOT / "tools" / "bed"), "postgres"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert bed.stdin is not None and bed.stdout is not None
    try:
        said = bed.stdout.readline()
        assert said, "tools/bed postgres did not start, see above; `make beds` installs it"
        yield json.loads(said)["url"]
    finally:
        bed.stdin.close()
        bed.stdout.close()
        bed.wait(timeout=60)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'portal.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    database = f"python_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    try:
        yield server.rsplit("/", 1)[0] + f"/{database}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def room(tmp_path: Path, store_url: str) -> Room:
    """An estate in a lake, ingested, in each kind of store."""
    made = Room(tmp_path, store_url)
    made.ingest()
    return made


@pytest.fixture(scope="session")
def kept_room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """The same in SQLite, made once; only for tests that read."""
    folder = tmp_path_factory.mktemp("kept")
    made = Room(folder, f"sqlite:{folder / 'portal.db'}")
    made.ingest()
    return made


@pytest.fixture
def own_room(kept_room: Room, tmp_path: Path) -> Room:
    """A copy in SQLite, for tests that change it."""
    folder = tmp_path / "own"
    shutil.copytree(kept_room.folder, folder)
    made = object.__new__(Room)
    made.folder, made.lake, made.config = folder, folder / "lake", folder / "portal.toml"
    made.store = f"sqlite:{folder / 'portal.db'}"
    return made


@pytest.fixture
def cat(kept_room: Room) -> Iterator[portal.Catalog]:
    with portal.connect(kept_room.store) as catalog:
        yield catalog


@pytest.fixture
def environment() -> dict[str, str]:
    """The variables of another interpreter that imports this package."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return kept | {"PYTHONPATH": str(ROOT / "portal-py" / "python"), "PYTHONFAULTHANDLER": "1"}


Python = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def python(environment: dict[str, str], tmp_path: Path) -> Python:
    """Runs a program in an interpreter of its own."""

    def run(program: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run
