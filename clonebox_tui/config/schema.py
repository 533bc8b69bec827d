"""Gives the JSON Schema of `.clonebox.yaml`, for editors that complete and check as one types."""

from typing import Any

from clonebox_tui.config.file_model import PASSIVE, ProjectFile

_SHORT_PORT = {"anyOf": [{"type": "integer"}, {"type": "string"}, {"$ref": "#/$defs/PortEntry"}]}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12); keys that do nothing yet say so in their description."""
    made = ProjectFile.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = ".clonebox.yaml"
    made["properties"]["ports"]["anyOf"] = [{"type": "array", "items": _SHORT_PORT}, {"const": "auto"}]
    for key in ("type", "items"):
        made["properties"]["ports"].pop(key, None)
    for path, instead in PASSIVE.items():
        properties = made["properties"] if len(path) == 1 else made["$defs"]["VmSection"]["properties"]
        properties[path[-1]]["description"] = f"Accepted but ignored for now: {instead}."
    return made
