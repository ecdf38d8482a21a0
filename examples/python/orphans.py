"""Writes what nobody owns into a CSV file, for a mail once a week.

    python orphans.py sqlite:portal.db orphans.csv

`unowned` was read whole, and nothing claims it; `unregistered` names a team that nobody knows. What could not be read
(`unknown`) is no orphan, and is left out.
"""

from __future__ import annotations

import csv
import sys

import portal

COLUMNS = ["ownership", "type", "name", "environment", "region", "suggested", "claimed", "first_seen", "ref"]


def safe(text: str) -> str:
    """Names come from outside, and a spreadsheet would run one that begins as a formula does."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def row(cat: portal.Catalog, one: portal.Resource) -> dict[str, str]:
    claims = [claim.raw for claim in cat.owner(one.ref).evidence]
    return {
        "ownership": one.ownership,
        "type": one.type,
        "name": safe(one.name),
        "environment": safe(one.environment or ""),
        "region": one.region or "",
        "suggested": one.suggestion[0] if one.suggestion else "",
        "claimed": safe(claims[0]) if claims else "",
        "first_seen": f"{one.first_seen:%Y-%m-%d}" if one.first_seen else "",
        "ref": safe(one.ref),
    }


def main(store: str, path: str) -> None:
    with portal.connect(store) as cat, open(path, "w", newline="", encoding="utf-8") as file:
        orphans = cat.resources(ownership=["unowned", "unregistered"])
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(row(cat, one) for one in orphans)
        print(f"{len(orphans)} of {len(cat.resources())} resources have no owner: {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
