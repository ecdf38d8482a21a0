"""Tables and graphs of other packages, each of which is imported when somebody asks for it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx
    import pandas
    import polars
    import pyarrow
    import rustworkx

    from ._portal import Entities, Graph


def _package(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ModuleNotFoundError(
            f"this needs the package {name}: pip install 'portal[{extra}]'", name=name
        ) from None


def to_arrow(table: Entities[Any] | Graph) -> pyarrow.Table:
    return _package("pyarrow", "arrow").table(table)


def to_pandas(table: Entities[Any] | Graph) -> pandas.DataFrame:
    _package("pandas", "pandas")
    arrow = _package("pyarrow", "pandas").table(table)
    # Maps become dicts: pairs would be of no use in a frame. Of a key that is there twice the last one counts. A column
    # of Arrow is let go as soon as pandas has its own.
    frame: pandas.DataFrame = arrow.to_pandas(maps_as_pydicts="lossy", split_blocks=True, self_destruct=True)
    return frame


def to_polars(table: Entities[Any] | Graph) -> polars.DataFrame:
    frame: polars.DataFrame = _package("polars", "polars").DataFrame(table)
    return frame


def to_networkx(graph: Graph) -> networkx.MultiDiGraph[str]:
    made: networkx.MultiDiGraph[str] = _package("networkx", "networkx").MultiDiGraph()
    for ref, kind, name, team, ownership in graph._nodes():
        made.add_node(ref, type=kind, name=name, team=team, ownership=ownership)
    for edge in graph.to_dicts():
        made.add_edge(edge["from"], edge["to"], key=edge["type"], rule=edge["rule"], source=edge["source"])
    return made


def to_rustworkx(graph: Graph) -> rustworkx.PyDiGraph[dict[str, Any], str]:
    nodes = [
        {"ref": ref, "type": kind, "name": name, "team": team, "ownership": ownership}
        for ref, kind, name, team, ownership in graph._nodes()
    ]
    made: rustworkx.PyDiGraph[dict[str, Any], str] = _package("rustworkx", "rustworkx").PyDiGraph()
    index = dict(zip((node["ref"] for node in nodes), made.add_nodes_from(nodes), strict=True))
    made.add_edges_from([(index[edge["from"]], index[edge["to"]], edge["type"]) for edge in graph.to_dicts()])
    made.attrs = index
    return made
