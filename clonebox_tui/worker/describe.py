"""Describes the wire by itself: the method table as an OpenRPC document."""

from functools import cache
from typing import Any

import msgspec

from clonebox_tui import __version__
from clonebox_tui.model.rpc import METHODS, Method, Notification

_OPENRPC = "1.3.2"
_REFERENCES = "#/components/schemas/{name}"


@cache
def openrpc() -> str:
    """The document as JSON text. Notifications stand in `x-notifications`, OpenRPC has no place for them."""
    types: list[Any] = [kind for method in METHODS for kind in (method.params, method.result)]
    schemas, components = msgspec.json.schema_components(
        [*types, Notification], ref_template=_REFERENCES, schema_hook=_anything
    )
    pairs = list(zip(schemas[0:-1:2], schemas[1::2], strict=True))
    document = {
        "openrpc": _OPENRPC,
        "info": {"title": "clonebox worker", "version": __version__},
        "methods": [
            _method(method, params, result) for method, (params, result) in zip(METHODS, pairs, strict=True)
        ],
        "components": {"schemas": components},
        "x-notifications": schemas[-1],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _method(method: Method[Any, Any], params: object, result: object) -> dict[str, object]:
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "by-name",
        "params": [{"name": "params", "schema": params}],
        "result": {"name": "result", "schema": result},
        "x-changes": method.changes,
    }


def _anything(kind: type) -> dict[str, object]:
    """The schema of a job's result, whose fields depend on its act."""
    if kind is object:
        return {"description": "any JSON value"}
    raise NotImplementedError(kind)
