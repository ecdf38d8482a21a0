"""Every example of the documentation runs."""

from __future__ import annotations

import doctest
import inspect
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Room

import portal
from portal import aio, testing


class Inventory(portal.Source):
    name = "inventory"
    kinds = ("databases",)

    def scopes(self) -> Iterable[portal.Scope]:
        return [portal.Scope(path=["frankfurt"])]

    def collect(self, scope: portal.Scope) -> Iterator[Any]:
        yield "databases", {"id": f"{scope}/ledger", "type": "database", "tags": {"team": "payments"}}


def documented() -> Iterator[tuple[str, str]]:
    """Everything public that has a text."""
    for module in (portal, aio, testing):
        yield module.__name__, module.__doc__ or ""
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.ismodule(value) or isinstance(value, str):
                continue
            yield f"{module.__name__}.{name}", value.__doc__ or ""
            if inspect.isclass(value):
                for inner, member in vars(value).items():
                    if not inner.startswith("_") and (inspect.isroutine(member) or isinstance(member, property)):
                        yield f"{module.__name__}.{name}.{inner}", member.__doc__ or ""
                    elif not inner.startswith("_") and inspect.isgetsetdescriptor(member):
                        yield f"{module.__name__}.{name}.{inner}", member.__doc__ or ""


DOCUMENTED = dict(documented())
WITH_EXAMPLES = sorted(name for name, text in DOCUMENTED.items() if ">>>" in text)


def test_everything_public_is_documented() -> None:
    assert [name for name, text in DOCUMENTED.items() if not text.strip()] == []
    for name in ["connect", "collect", "ingest", "Source", "Catalog.owner", "Catalog.resources"]:
        assert f"portal.{name}" in WITH_EXAMPLES


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_an_example_runs(name: str, own_room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(own_room.folder)
    names: dict[str, Any] = {
        "portal": portal,
        "Inventory": Inventory,
        "Ambiguous": portal.Ambiguous,
        "store": own_room.store,
        "lake": str(own_room.lake),
        "cat": portal.connect(own_room.store),
    }
    if name == "portal.collect":
        names["lake"] = str(tmp_path / "empty")
        shutil.rmtree(names["lake"], ignore_errors=True)
    test = doctest.DocTestParser().get_doctest(DOCUMENTED[name], names, name, None, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    runner.run(test, out=said.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)
