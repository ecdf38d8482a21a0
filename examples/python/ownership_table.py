"""How much each team owns, and where, as a pandas table: `python ownership_table.py sqlite:portal.db`."""

from __future__ import annotations

import sys

import pandas

import portal


def table(cat: portal.Catalog) -> pandas.DataFrame:
    """Resources by owner and environment; what has no owner stands under its state."""
    frame = cat.resources().to_pandas()
    owned = frame["ownership"] == "owned"
    frame["owner"] = frame["team"].where(owned, "(" + frame["ownership"] + ")")
    return frame.pivot_table(
        index="owner", columns="environment", values="ref", aggfunc="count", fill_value=0, margins=True
    )


if __name__ == "__main__":
    with portal.connect(sys.argv[1]) as cat:
        print(table(cat).to_string())
