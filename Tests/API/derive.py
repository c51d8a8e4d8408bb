#!/usr/bin/env python3
"""Makes answers.json of the OpenAPI description of Docker's Engine API: python3 derive.py v1.43.yaml SOCKET BOX IMAGE

Run by hand when an endpoint is added. For each endpoint of `check.ENDPOINTS`, the types of all documented keys, and which keys must
be there: those that the description requires, and those of the documented ones that a daemon at SOCKET answers with now.
"""
import json, sys
import yaml
import check

document = yaml.safe_load(open(sys.argv[1]))


def resolve(schema):
    """References followed, allOf merged."""
    schema = dict(schema)
    while "$ref" in schema:
        target = document
        for part in schema.pop("$ref").lstrip("#/").split("/"):
            target = target[part]
        schema = {**target, **schema}
    for part in schema.pop("allOf", []):
        part = resolve(part)
        schema = {
            **part, **schema,
            "properties": {**part.get("properties", {}), **schema.get("properties", {})},
            "required": part.get("required", []) + schema.get("required", []),
        }
    return schema


def compact(schema, answer):
    schema = resolve(schema)
    kind = schema.get("type") or ("object" if "properties" in schema else "any")
    result = {"type": kind}
    if schema.get("x-nullable"):
        result["null"] = True
    if "enum" in schema:
        result["enum"] = schema["enum"]
    if kind == "object" and schema.get("properties"):
        sent = answer if isinstance(answer, dict) else {}
        keys = schema["properties"]
        result["keys"] = {key: compact(keys[key], sent.get(key)) for key in keys}
        result["must"] = sorted(set(schema.get("required", [])) | {key for key in sent if key in keys})
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        values = list(answer.values()) if isinstance(answer, dict) else []
        result["values"] = compact(schema["additionalProperties"], values[0] if values else None)
    if kind == "array":
        result["items"] = compact(schema.get("items", {}), answer[0] if isinstance(answer, list) and answer else None)
    return result


table = {}
for method, path, status in check.ENDPOINTS:
    responses = document["paths"][path][method.lower()]["responses"]
    schema = (responses.get(status) or responses[str(status)]).get("schema")
    if schema:
        answer = check.ask(sys.argv[2], method, path, sys.argv[3], sys.argv[4])
        table[f"{method} {path}"] = compact(schema, answer)
json.dump(table, open(check.TABLE, "w"), indent=None, separators=(",", ":"), sort_keys=True)
print(len(table), "endpoints")
