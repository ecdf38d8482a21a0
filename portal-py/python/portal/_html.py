"""What a notebook shows. Every text comes from outside, and is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import _portal

_ROWS = 20

_COLUMNS = {
    "product": ("name", "display_name", "teams"),
    "team": ("name", "product", "aliases", "contact"),
    "service": ("name", "namespace", "kind", "team", "ownership", "status", "environments"),
    "workload": ("name", "kind", "cluster", "namespace", "environment", "status"),
    "resource": ("name", "type", "team", "ownership", "rule", "environment", "region"),
    "environment": ("name", "account", "state"),
}


def _text(value: object) -> str:
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, dict):
        value = ", ".join(f"{key}={inner}" for key, inner in value.items())
    elif isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    elif hasattr(value, "strftime"):
        value = value.strftime("%Y-%m-%d %H:%M UTC")
    return escape(str(value))


def _table(head: Iterable[str], rows: Iterable[Iterable[object]], caption: str) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def table(entities: _portal.Entities[Any]) -> str:
    columns = _COLUMNS[entities.entity_type]
    first = entities[:_ROWS]
    rows = [[getattr(entity, column) for column in columns] for entity in first]
    shown = f", the first {len(first)}" if len(first) < len(entities) else ""
    return _table(columns, rows, f"{len(entities)} × {entities.entity_type}{shown}, revision {entities.revision}")


def entity(one: Any) -> str:
    fields = [(name, value) for name, value in one.to_dict().items() if _text(value)]
    return _table(("field", "value"), fields, type(one).__name__)


def catalog(cat: _portal.Catalog) -> str:
    return f"<code>{escape(repr(cat))}</code>"


def graph(edges: _portal.Graph) -> str:
    return f"<code>{escape(repr(edges))}</code>"


def _claims(evidence: Iterable[_portal.Evidence]) -> list[list[object]]:
    return [
        ["✓" if claim.won else "✗", claim.rule, claim.field, claim.raw, claim.team, claim.found_on, claim.source, claim.read_at]
        for claim in evidence
    ]


_CLAIM = ("", "rule", "place", "says", "team", "on", "source", "read")


def _verdict(owner: _portal.Ownership) -> str:
    # The second line of the text is the verdict in words.
    return f"<p><code>{escape(owner.ref)}</code><br><b>{escape(str(owner).splitlines()[1].strip())}</b></p>"


def ownership(owner: _portal.Ownership) -> str:
    return _verdict(owner) + _table(_CLAIM, _claims(owner.evidence), "evidence")


def explanation(why: _portal.Explanation) -> str:
    html = ownership(why.owner)
    links = {
        "created by": [why.created_by] if why.created_by else [],
        "used by": why.used_by,
        "uses": why.uses,
        "depends on": why.depends_on,
        "runs as": why.runs_as,
        "part of": why.part_of,
        "environments": why.environments,
    }
    rows = [
        [title, link.ref, "; ".join(f"{claim.field} = {claim.raw}" for claim in link.evidence)]
        for title, found in links.items()
        for link in found
    ]
    return html + (_table(("", "ref", "because"), rows, "around it") if rows else "")


def report(done: _portal.Report) -> str:
    fields = [(name, value) for name, value in done.to_dict().items() if name != "scopes"]
    return _table(("", ""), [*fields, ("scopes", done.scopes)], "ingest")


def collected(done: _portal.CollectReport) -> str:
    head = ("source", "scope", "kind", "coverage", "items", "reason", "permission")
    kinds = sorted(done.kinds, key=lambda kind: kind.coverage in ("complete", "absent"))
    rows = [[getattr(kind, name) for name in head] for kind in kinds[:_ROWS]]
    wrong = "".join(f"<li>{escape(error)}</li>" for error in done.errors)
    return _table(head, rows, repr(done)) + (f"<ul>{wrong}</ul>" if wrong else "")
