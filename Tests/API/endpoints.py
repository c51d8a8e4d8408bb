#!/usr/bin/env python3
"""Asks for every endpoint of Docker's API, version 1.43: python3 endpoints.py SOCKET

Each is either served or says by 501 and a sentence that it is not; what nobody knows is 404, and another method 405.
"""
import json, os, sys
import client

PATH = sys.argv[1]
LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "endpoints.txt")
# What the daemon has; the rest is 501.
SERVED = {"containers", "exec", "images", "networks", "volumes", "info", "version", "_ping", "events", "system", "plugins"}
# None of the daemon's, though the first word is.
NOT_SERVED = {
    "POST /volumes/create", "PUT /volumes/{name}", "POST /networks/create", "POST /networks/{id}/connect",
    "POST /networks/{id}/disconnect", "GET /containers/{id}/attach/ws", "POST /images/{name}/push", "GET /images/search",
    "GET /images/{name}/get", "GET /images/get",
}
SERVED_TOO = {"POST /build/prune"}


def ask(method, uri, body=None):
    connection = client.Connection(PATH)
    connection.request(method, "/v1.43" + uri, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    # Some answers have no end.
    text = b"" if response.status == 200 else response.read()
    connection.close()
    return response.status, text


def main():
    endpoints = open(LIST).read().split("\n")[:-1]
    wrong = 0
    for endpoint in endpoints:
        method, pattern = endpoint.split(" ")
        uri = pattern.replace("{id}", "nobody").replace("{name}", "nothing")
        if endpoint == "POST /images/create":
            uri += "?fromSrc=-"
        if "{" in uri:
            uri = uri.split("{")[0] + "nothing"
        status, text = ask(method, uri, "{}" if method in ("POST", "PUT") else None)
        first = pattern.split("/")[1]
        is_served = endpoint in SERVED_TOO or first in SERVED and endpoint not in NOT_SERVED
        if first == "plugins" and endpoint not in ("GET /plugins", "GET /plugins/{name}/json"):
            is_served = False
        fine = status != 501 and status < 500 and b"page not found" not in text and status != 405
        if is_served != fine or (status == 501 and len(json.loads(text)["message"]) < 30):
            wrong += 1
            print(f"{endpoint}: {status} {text[:200]!r}")
    for method, uri, expected in [
        ("GET", "/nonsense", 404), ("POST", "/containers/json", 405), ("DELETE", "/info", 405), ("PATCH", "/version", 405),
        ("HEAD", "/version", 200), ("HEAD", "/containers/json", 200), ("HEAD", "/containers/nobody/json", 404),
        ("HEAD", "/events", 405), ("GET", "/", 404), ("OPTIONS", "/_ping", 405),
    ]:
        status, text = ask(method, uri)
        if status != expected:
            wrong += 1
            print(f"{method} {uri}: {status}, not {expected}: {text[:200]!r}")
    print(f"{len(endpoints)} endpoints, {wrong} wrong")
    sys.exit(1 if wrong else 0)


main()
