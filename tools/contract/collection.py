"""A collection for API clients such as Bruno, Insomnia or Postman (format v2.1), from the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def render(document: Mapping[str, Any]) -> str:
    """The collection: a folder for each tag, a request for each call, with the document's examples."""
    variables = {"api": "http://127.0.0.1:4566/restapis/api/local/_user_request_", "token": ""}
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for name in re.findall(r"{(\w+)}", path):
            variables[name] = document["components"]["parameters"][name]["example"]
        for method, operation in methods.items():
            folders[operation["tags"][0]].append(_request(method.upper(), path, operation))
    made = {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"],
            "schema": FORMAT,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
        "variable": [{"key": name, "value": value} for name, value in variables.items()],
        "item": [{"name": name, "item": requests} for name, requests in folders.items()],
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _request(method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    parts = [re.sub(r"{(\w+)}", r"{{\1}}", part) for part in path.strip("/").split("/")]
    query = [
        {"key": p["name"], "value": "", "description": p.get("description", ""), "disabled": True}
        for p in operation["parameters"]
        if p.get("in") == "query"
    ]
    url = {"raw": "/".join(["{{api}}", *parts]), "host": ["{{api}}"], "path": parts}
    made: dict[str, Any] = {
        "method": method,
        "description": operation["description"],
        "header": [],
        "url": url | ({"query": query} if query else {}),
    }
    if method == "POST":
        made["header"].append({"key": "Idempotency-Key", "value": "{{$guid}}"})
    if operation["security"] == [{"SigV4": []}]:
        made["auth"] = {
            "type": "awsv4",
            "awsv4": [{"key": "service", "value": "execute-api", "type": "string"}],
        }
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        made["header"].append({"key": "Content-Type", "value": "application/json"})
        raw = json.dumps(content["examples"]["example"]["value"], indent=2, ensure_ascii=False)
        made["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    return {"name": operation["summary"], "request": made}
