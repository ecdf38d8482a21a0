"""Measures the Python package beside the HTTP API and psycopg.

    make extension-release
    .tools/venv/bin/python portal-py/benches/measure.py 100000 [--portal target/release/portal]

Generates an estate in AWS's own shapes, ingests it into a PostgreSQL of its own, and reads every resource into pandas,
polars and Arrow, each time in a new process: CPU seconds of that process, wall seconds, and its peak memory less what it had
before the first question (the interpreter with the package that the result is in). Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REGIONS = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"]
TEAMS = 200


def peak_mib() -> float:
    """Of this program: `ru_maxrss` would count what the process was before it became this program, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def write_lake(lake: Path, count: int) -> None:
    """Buckets, databases and tables over accounts and regions: 95 of a hundred are tagged with one of 200 teams."""
    scopes: dict[tuple[str, str], dict[str, list[Any]]] = {}
    accounts = max(count // 3000, 3)
    for at in range(count):
        account, region = f"{10_000_000_000 + at // 4 % accounts * 7919:012}", REGIONS[at % 4]
        kinds = scopes.setdefault((account, region), {"s3": [], "rds": [], "dynamodb": []})
        tags = {"environment": ["dev", "staging", "prod"][at % 3], "managed-by": "terraform", "cost-center": f"cc-{at % 900}"}
        if at % 100 not in (1, 2, 3, 4):
            tags["team"] = f"team-{at * 7 % TEAMS}" if at % 100 else f"legacy-{at % 40}"
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        if at % 3 == 0:
            kinds["s3"].append({"Name": f"shop-data-{at}", "BucketRegion": region, "CreationDate": "2024-05-01T10:00:00Z", "Tags": pairs})
        elif at % 3 == 1:
            kinds["rds"].append({
                "DBInstanceIdentifier": f"orders-{at}", "DBInstanceArn": f"arn:aws:rds:{region}:{account}:db:orders-{at}",
                "Engine": "postgres", "EngineVersion": "15.7", "InstanceCreateTime": "2024-05-01T10:00:00Z", "TagList": pairs,
            })
        else:
            kinds["dynamodb"].append({
                "TableName": f"events-{at}", "TableArn": f"arn:aws:dynamodb:{region}:{account}:table/events-{at}",
                "CreationDateTime": "2024-05-01T10:00:00Z", "Tags": pairs,
            })
    for (account, region), files in scopes.items():
        folder = lake / "aws-collector" / account / region
        folder.mkdir(parents=True)
        for kind, objects in files.items():
            (folder / f"{kind}.json").write_text(json.dumps(objects))


def from_portal(store: str, _: str) -> Any:
    import portal

    return portal.connect(store).resources()


def pages(_: str, api: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        with urllib.request.urlopen(f"{api}/api/v1alpha/resources?limit=500&cursor={cursor}".removesuffix("&cursor=")) as page:
            answer = json.load(page)
        items += answer["items"]
        cursor = answer["next_cursor"]
    return items


SQL = "SELECT ref, name, type, account, region, team, ownership, rule, product, tags, attributes, created_at, first_seen, updated_at FROM resource"


def rows(store: str, _: str) -> tuple[list[str], list[Any]]:
    import psycopg

    with psycopg.connect(store) as connection:
        cursor = connection.execute(SQL)
        assert cursor.description is not None
        return [column.name for column in cursor.description], cursor.fetchall()


def to_pandas(read: Callable[[str, str], Any]) -> Callable[[str, str], int]:
    import pandas
    import pyarrow  # noqa: F401

    def work(store: str, api: str) -> int:
        found = read(store, api)
        if isinstance(found, tuple):
            return len(pandas.DataFrame(found[1], columns=found[0]))
        return len(pandas.DataFrame(found) if isinstance(found, list) else found.to_pandas())

    return work


def to_polars(read: Callable[[str, str], Any]) -> Callable[[str, str], int]:
    import polars

    def work(store: str, api: str) -> int:
        found = read(store, api)
        if isinstance(found, tuple):
            texts = [[json.dumps(cell) if isinstance(cell, dict) else cell for cell in row] for row in found[1]]
            return polars.DataFrame(texts, schema=found[0], orient="row", infer_schema_length=None).height
        if isinstance(found, list):
            for item in found:
                item["tags"] = list(item["tags"].items())
            return polars.DataFrame(found, infer_schema_length=None, strict=False).height
        return int(found.to_polars().height)

    return work


def to_arrow(read: Callable[[str, str], Any]) -> Callable[[str, str], int]:
    import pyarrow

    def work(store: str, api: str) -> int:
        found = read(store, api)
        if isinstance(found, tuple):
            columns = [
                [json.dumps(cell) if isinstance(cell, dict) else cell for cell in column]
                for column in zip(*found[1], strict=True)
            ]
            return int(pyarrow.table(columns, names=found[0]).num_rows)
        if isinstance(found, list):
            for item in found:
                item["tags"] = list(item["tags"].items())
            return int(pyarrow.Table.from_pylist(found).num_rows)
        return int(found.to_arrow().num_rows)

    return work


WAYS: dict[str, Callable[[str, str], Any]] = {"portal": from_portal, "HTTP API": pages, "psycopg": rows}
FORMS = {"pandas": to_pandas, "polars": to_polars, "Arrow": to_arrow}


def one(way: str, form: str, store: str, api: str) -> None:
    """What a process of its own does: one way into one form."""
    work = FORMS[form](WAYS[way])
    before, cpu, wall = peak_mib(), time.process_time(), time.perf_counter()
    count = work(store, api)
    seconds = time.perf_counter() - wall
    result = {"rows": count, "cpu": time.process_time() - cpu, "wall": seconds, "mib": peak_mib() - before, "peak": peak_mib()}
    if way == "portal":
        # The catalog once loaded, as in a program that asks more than once.
        import portal

        listed = portal.connect(store).resources()
        wall = time.perf_counter()
        getattr(listed, f"to_{form.lower()}")()
        result["loaded"] = time.perf_counter() - wall
    print(json.dumps(result))


def questions(store: str) -> None:
    """What one question takes."""
    import portal

    cat = portal.connect(store)
    refs = cat.resources().refs
    some = refs[:: max(len(refs) // 20_000, 1)]
    for ask, text in [(cat.owner, "owner"), (cat.why, "why"), (cat.get, "get")]:
        best = min(timed(ask, some) for _ in range(3))
        print(f"| `{text}`, µs a call | {best:.2f} |")
    listed = cat.resources()
    wall = time.perf_counter()
    for entity in listed:
        entity.ref  # noqa: B018
    print(f"| iterate all, µs an entity | {(time.perf_counter() - wall) / len(listed) * 1e6:.2f} |")
    wall = time.perf_counter()
    edges = cat.graph().to_arrow().num_rows
    print(f"| {edges} edges to Arrow, s | {time.perf_counter() - wall:.2f} |")
    print(f"| this process, {len(cat)} entities loaded, MiB peak | {peak_mib():.0f} |")


def timed(ask: Callable[[str], object], refs: list[str]) -> float:
    wall = time.perf_counter()
    for ref in refs:
        ask(ref)
    return (time.perf_counter() - wall) / len(refs) * 1e6


def import_ms(of: str) -> float:
    """The best of ten: what an import adds to the start of an interpreter."""
    program = f"import time; t = time.perf_counter(); import {of}; print(time.perf_counter() - t)"
    times = [float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout) for _ in range(10)]
    return min(times) * 1000


def serve(portal_program: str, store: str) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen([portal_program, "serve", "--store", store, "--listen", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"http://{address}/readyz").close()
            return server, f"http://{address}"
        except OSError:
            if time.monotonic() > deadline or server.poll() is not None:
                server.kill()
                raise
            time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("resources", type=int)
    parser.add_argument("--portal", help="the program, for the rows of the HTTP API")
    asked = parser.parse_args()
    environment = os.environ | {"PYTHONPATH": str(ROOT / "portal-py" / "python")}
    os.environ["PYTHONPATH"] = environment["PYTHONPATH"]
    sys.path.insert(0, environment["PYTHONPATH"])
    import portal

    bed = subprocess.Popen([sys.executable, str(ROOT / "tools" / "bed"), "postgres", "--own"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert bed.stdout is not None
    server = None
    try:
        store = json.loads(bed.stdout.readline())["url"]
        with tempfile.TemporaryDirectory() as folder:
            write_lake(Path(folder) / "lake", asked.resources)
            config = Path(folder) / "portal.toml"
            config.write_text("".join(f"[[team]]\nname = 'team-{team}'\nproduct = 'product-{team % 25}'\n" for team in range(TEAMS)))
            report = portal.ingest(Path(folder) / "lake", store, config)
            print(f"ingested {report.added} entities in {report.seconds:.1f} s\n")
        ways, api = list(WAYS), ""
        if asked.portal:
            server, api = serve(asked.portal, store)
        else:
            ways.remove("HTTP API")
        print(f"| {asked.resources} resources | into | wall s | CPU s | MiB more at the peak | with the catalog loaded, wall s |\n| --- | --- | --- | --- | --- | --- |")
        for form in FORMS:
            for way in ways:
                command = [sys.executable, __file__, "--one", way, form, store, api]
                done = subprocess.run(command, env=environment, capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(done.stderr)
                said = json.loads(done.stdout)
                assert said["rows"] == asked.resources, said
                loaded = f"{said['loaded']:.2f}" if "loaded" in said else "-"
                print(f"| {way} | {form} | {said['wall']:.2f} | {said['cpu']:.2f} | {said['mib']:.0f} | {loaded} |", flush=True)
        print("\n| what | |\n| --- | --- |", flush=True)
        subprocess.run([sys.executable, __file__, "--questions", store], env=environment, check=True)
        print(f"| `import portal`, ms | {import_ms('portal'):.0f} |")
        print(f"| `import pandas`, ms | {import_ms('pandas'):.0f} |")
    finally:
        if server:
            server.kill()
            server.wait()
        assert bed.stdin is not None
        bed.stdin.close()
        bed.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    elif sys.argv[1:2] == ["--questions"]:
        questions(sys.argv[2])
    else:
        main()
