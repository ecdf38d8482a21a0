"""Collects and ingests, for cron: no scheduler needed.

    17 * * * *  flock -n /run/lock/portal python cron.py portal.toml

Exit codes are those of the command line: 0 done, 1 failed, 3 done, but something was partial, denied or held.
"""

from __future__ import annotations

import sys

import portal


def main(config: str | None = None) -> int:
    try:
        collected = portal.collect(config)
        ingested = portal.ingest(config=config)
    except portal.PortalError as error:
        print(f"portal: {error}", file=sys.stderr)
        report = error.report if isinstance(error, portal.SourceError) else None
        for line in report.errors if report else []:
            print(f"  {line}", file=sys.stderr)
        return 1
    print(ingested)
    for kind in collected.kinds:
        if kind.coverage not in ("complete", "absent"):
            print(f"{kind.source} {kind.scope} {kind.kind}: {kind.coverage}: {kind.reason}", file=sys.stderr)
    for line in [*collected.errors, *ingested.notes]:
        print(line, file=sys.stderr)
    return 0 if collected.is_whole and ingested.is_whole else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
