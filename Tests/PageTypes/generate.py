"""Generates code for the web page from www/openapi.json, the only source of the HTTP API.

generate.py types FILE       TypeScript declarations of schemas and responses, for tsc
generate.py constants FILE   constants, for www/core/contract.js
"""

import json
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((PROJECT / "www/openapi.json").read_text())
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def resolved(value: dict) -> dict:
    """Follows references inside the document."""
    while "$ref" in value:
        target = DOCUMENT
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value


def type_of(schema: dict) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"{name} & {type_of_kind('object', schema)}" if "properties" in schema else name
    if "const" in schema:
        return json.dumps(schema["const"])
    for kind, sign in (("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")):
        if kind in schema:
            return "(" + sign.join(type_of(each) for each in schema[kind]) + ")"
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " | ".join(type_of_kind(kind, schema) for kind in kinds)


def type_of_kind(kind: str, schema: dict) -> str:
    if kind == "array":
        return f"Array<{type_of(schema['items'])}>"
    if kind != "object":
        return SIMPLE[kind]
    required = schema.get("required", [])
    members = [
        f"{json.dumps(name)}{'' if name in required else '?'}: {type_of(member)}"
        for name, member in schema.get("properties", {}).items()
    ]
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        members.append(f"[name: string]: {type_of(more)}")
    return "{ " + "; ".join(members) + " }"


def answer_of(operation: dict) -> str:
    """The type of the body of a successful response; null if it has none."""
    found = []
    for status, answer in operation["responses"].items():
        content = resolved(answer).get("content", {}) if status.startswith("2") else {}
        if "application/json" in content:
            found.append(type_of(content["application/json"]["schema"]))
        elif status.startswith("2"):
            found.append("null")
    return " | ".join(dict.fromkeys(found)) or "null"


def types() -> str:
    lines = ["// Generated from www/openapi.json.", "declare namespace API {"]
    for name, schema in DOCUMENT["components"]["schemas"].items():
        lines.append(f"  type {name} = {type_of(schema)};")
    routes = []
    for path, item in DOCUMENT["paths"].items():
        pattern = re.sub(r"\{\w+\}", "${string}", path)
        for method, operation in item.items():
            if method in ("get", "post", "patch", "delete"):
                answer = answer_of(operation)
                routes.append((f"{method.upper()} {pattern}?${{string}}", answer))
                routes.append((f"{method.upper()} {pattern}", answer))
    # The most specific first: /api/images/status also matches /api/images/${string}.
    routes.sort(key=lambda route: (route[0].count("${string}"), -len(route[0])))
    lines.append("  type Answer<Route extends string> =")
    lines += [f"    Route extends `{route}` ? {answer} :" for route, answer in routes]
    lines += ["    never;", "}", ""]
    return "\n".join(lines)


def constants() -> str:
    schemas = DOCUMENT["components"]["schemas"]
    preview = DOCUMENT["paths"]["/api/images"]["get"]["responses"]["200"]["content"]["application/json"]
    preview = preview["schema"]["properties"]["images"]["items"]["properties"]["preview"]
    values = {
        "scopes": schemas["Scope"]["enum"],
        "previewSide": preview["x-shorter-side"],
    }
    lines = ['// Generated from /openapi.json by "make generate". Do not edit.', ""]
    lines += [f"export const {name} = {json.dumps(value)};" for name, value in values.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    what, target = sys.argv[1:]
    Path(target).write_text({"types": types, "constants": constants}[what]())
