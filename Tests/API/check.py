#!/usr/bin/env python3
"""Compares a daemon's answers with answers.json: python3 check.py SOCKET BOX IMAGE

BOX must run. Prints a line for each endpoint with what is wrong in it; exit status 1 where anything is.
"""
import json, os, sys, time
from client import Connection, request

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "answers.json")

# With the status that is expected.
ENDPOINTS = [
    ("GET", "/version", 200), ("GET", "/info", 200), ("GET", "/system/df", 200), ("GET", "/events", 200),
    ("GET", "/containers/json", 200), ("GET", "/containers/{id}/json", 200), ("GET", "/containers/{id}/top", 200),
    ("GET", "/containers/{id}/stats", 200), ("GET", "/containers/{id}/changes", 200),
    ("POST", "/containers/{id}/update", 200), ("POST", "/containers/create", 201),
    ("POST", "/containers/{id}/exec", 201), ("GET", "/exec/{id}/json", 200), ("POST", "/containers/{id}/wait", 200),
    ("POST", "/containers/prune", 200), ("GET", "/images/json", 200), ("GET", "/images/{name}/json", 200),
    ("GET", "/images/{name}/history", 200), ("POST", "/images/prune", 200), ("GET", "/networks", 200),
    ("GET", "/networks/{id}", 200), ("POST", "/networks/prune", 200), ("GET", "/volumes", 200),
    ("POST", "/volumes/prune", 200),
]


# Where dockerd itself does not do what its description says, and clients rely on what it does.
NULL_AS_IN_DOCKER = ["GET /exec/{id}/json: answer.ExitCode is null"]


def call(path, method, endpoint, box, image):
    """Status and text, of a request that the endpoint's answer can be seen by."""
    created = {"Image": image, "Cmd": ["true"], "HostConfig": {"NetworkMode": "none"}}
    if endpoint == "/exec/{id}/json":
        _, text = request(path, "POST", f"/containers/{box}/exec", {"Cmd": ["true"], "AttachStdout": True})
        return request(path, method, f"/exec/{json.loads(text)['Id']}/json")
    if endpoint == "/containers/{id}/wait":
        _, text = request(path, "POST", "/containers/create", created)
        made = json.loads(text)["Id"]
        request(path, "POST", f"/containers/{made}/start")
        return request(path, method, f"/containers/{made}/wait")
    uri = endpoint.replace("{name}", image).replace("{id}", "none" if "/networks/" in endpoint else box)
    uri += {"/containers/{id}/stats": "?stream=0&one-shot=1", "/events": f"?since=1&until={int(time.time())}"}.get(endpoint, "")
    bodies = {
        "/containers/{id}/update": {"RestartPolicy": {"Name": "no"}}, "/containers/create": created,
        "/containers/{id}/exec": {"Cmd": ["true"]},
    }
    return request(path, method, uri, bodies.get(endpoint))


def ask(path, method, endpoint, box, image):
    status, text = call(path, method, endpoint, box, image)
    return json.loads(text.splitlines()[0]) if status < 300 and text.strip() else None


KINDS = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float), "any": object,
}


def wrong(value, schema, where):
    """What of an answer is not as its description says."""
    kind = schema["type"]
    if value is None:
        # Go writes null for an empty list, an empty map and a pointer to nothing.
        return [] if schema.get("null") or kind in ("array", "object", "any") else [f"{where} is null"]
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind in ("integer", "number")):
        return [f"{where} is {json.dumps(value)[:60]}, not of type {kind}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where} is {value!r}, none of {schema['enum']}")
    if kind == "object":
        found += [f"{where}.{key} is missing" for key in schema.get("must", []) if key not in value]
        for key, member in value.items():
            known = schema.get("keys", {}).get(key) or schema.get("values")
            if known:
                found += wrong(member, known, f"{where}.{key}")
    if kind == "array":
        for index, element in enumerate(value):
            found += wrong(element, schema["items"], f"{where}[{index}]")
    return found


def main():
    table = json.load(open(TABLE))
    failures = 0
    for method, endpoint, expected in ENDPOINTS:
        status, text = call(sys.argv[1], method, endpoint, sys.argv[2], sys.argv[3])
        found = [] if status == expected else [f"status {status}: {text[:200]!r}"]
        schema = table.get(f"{method} {endpoint}")
        if not found and schema and text.strip():
            found = wrong(json.loads(text.splitlines()[0]), schema, "answer")
        found = [one for one in found if f"{method} {endpoint}: {one}" not in NULL_AS_IN_DOCKER]
        if found:
            failures += 1
            print(f"{method} {endpoint}: " + "; ".join(found))
    print(f"{len(ENDPOINTS)} endpoints, {failures} wrong")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
