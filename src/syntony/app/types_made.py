"""``static/types.d.ts``, made from the shapes: ``python -m syntony.app.types_made``."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from syntony.app import (
    schema,
    schema_coding,
    schema_live,
    schema_quality,
    schema_review,
    schema_run,
)

PARTS = (schema, schema_coding, schema_live, schema_quality, schema_review, schema_run)

HEAD = "// Made from app/schema*.py by `python -m syntony.app.types_made`; do not edit.\n"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def types_made() -> str:
    """Give the text of the types, one for each shape.

    Examples
    --------
    >>> "export type Problem = {" in types_made()
    True
    """
    shapes = [
        found
        for part in PARTS
        for found in vars(part).values()
        if isinstance(found, type) and issubclass(found, schema.Shape) and found is not schema.Shape
    ]
    shapes = list(dict.fromkeys(shapes))  # one part imports from another
    _, made = models_json_schema([(s, "serialization") for s in shapes])
    parts = [HEAD]
    for name, said in sorted(made["$defs"].items()):
        fields = "".join(
            f"  {key}: {_type(value)};\n" for key, value in said.get("properties", {}).items()
        )
        told = " ".join(said.get("description", "").split())
        parts.append(f"/** {told} */\nexport type {name} = {{\n{fields}}};\n")
    return "\n".join(parts)


def _type(said: dict[str, Any]) -> str:
    """One type of a field."""
    if "$ref" in said:
        return str(said["$ref"]).rpartition("/")[2]
    if "enum" in said:
        return " | ".join(f'"{v}"' for v in said["enum"])
    if "const" in said:
        return f'"{said["const"]}"'
    if "anyOf" in said:
        return " | ".join(dict.fromkeys(_type(s) for s in said["anyOf"]))
    kind = said.get("type")
    if kind == "null":
        return "null"
    if kind == "array" and "prefixItems" in said:
        return "[" + ", ".join(_type(s) for s in said["prefixItems"]) + "]"
    if kind == "array":
        inner = _type(said.get("items", {}))
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        more = said.get("additionalProperties")
        return f"Record<string, {_type(more) if isinstance(more, dict) else 'unknown'}>"
    return _PLAIN.get(str(kind), "any")


def path() -> Path:
    """Where the types lie."""
    return Path(str(files("syntony.app").joinpath("static", "types.d.ts")))


if __name__ == "__main__":
    path().write_text(re.sub(r"\n{3,}", "\n\n", types_made()), encoding="utf-8")
