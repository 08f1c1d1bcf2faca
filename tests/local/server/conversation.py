"""Cases as data: HTTP steps with matchers, captures and setups, run against a server.

A case is {id, tag, given?, note?, steps}; a step is {request: {method, path, query?, headers?, body?}, response:
{status, headers?, body?}, capture?: {name: path.in.body}}. {A} is the account of the case, {Z} its zone, {name} a
captured value. Objects match as subsets; lists have the same length and order. Matchers: <any> <absent> <ts> <int>
<uuid> <hex32> <json> <truthy> <re:…> <contains:…> <not:…>.
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from typing import Any

import httpx

Json = dict[str, Any]


class Conversation:
    """The requests of one case, as the owner of a new account, or of `account`: {id, zone, token}."""

    def __init__(self, client: httpx.Client, account: Json | None = None) -> None:
        self.client = client
        account = account or client.post("/__local__/accounts", json={}).json()
        self.variables: dict[str, str] = {"A": account["id"], "Z": account["zone"]}
        self.admin: str = account["token"]

    def run(self, step: Json) -> None:
        """Send the step's request, check its response, and store its captures."""
        response = self.send(step["request"])
        expected = step.get("response", {})
        call = f"{step['request']['method']} {step['request']['path']}"
        allowed = expected.get("status", response.status_code)
        statuses = allowed if isinstance(allowed, list) else [allowed]
        assert response.status_code in statuses, f"{call}: {response.text}"
        for name, value in expected.get("headers", {}).items():
            differs = difference(self.filled(value), response.headers.get(name, Absent))
            assert differs is None, f"{call}, header {name}: {differs}"
        if "body" in expected:
            differs = difference(self.filled(expected["body"]), response.json())
            assert differs is None, f"{call}: {differs}\n{response.text}"
        for name, path in step.get("capture", {}).items():
            self.variables[name] = at(response.json(), path)

    def send(self, request: Json) -> httpx.Response:
        """Send a request. The default credential of the control plane is the account's all-permission token."""
        path = self.filled(request["path"])
        own = {} if path.startswith("/v1/") else {"Authorization": f"Bearer {self.admin}"}
        headers = {**own, **self.filled(request.get("headers", {}))}
        sent = {name: value for name, value in headers.items() if value != "<absent>"}
        body = self.filled(request["body"]) if "body" in request else None
        return self.client.request(
            request["method"],
            path,
            params=self.filled(request.get("query")),
            headers=sent,
            **({} if body is None else {"json": body}),
        )

    def filled(self, value: Any) -> Any:
        """The value with captured {names} replaced."""
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda match: self.variables.get(match[1], match[0]), value)
        if isinstance(value, dict):
            return {self.filled(name): self.filled(item) for name, item in value.items()}
        return [self.filled(item) for item in value] if isinstance(value, list) else value


class Absent:
    """A missing value."""


def at(body: Any, path: str) -> str:
    """The string at `result.id` or `result.0.id`."""
    for name in path.split("."):
        body = body[int(name)] if isinstance(body, list) else body[name]
    assert isinstance(body, str)
    return body


def difference(expected: Any, actual: Any, path: str = "$") -> str | None:
    """The first difference between `expected` and `actual`; None where they match."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        pairs = [(value, actual.get(name, Absent), f"{path}.{name}") for name, value in expected.items()]
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = [(*pair, f"{path}[{index}]") for index, pair in enumerate(zip(expected, actual, strict=True))]
    elif isinstance(expected, str) and expected.startswith("<") and expected.endswith(">"):
        return None if _fits(expected[1:-1], actual) else f"{path}: {actual!r} is not {expected}"
    else:
        same = expected == actual and type(expected) is type(actual)
        return None if same else f"{path}: {actual!r} is not {expected!r}"
    return next((differs for pair in pairs if (differs := difference(*pair))), None)


def _fits(matcher: str, actual: Any) -> bool:
    name, _, argument = matcher.partition(":")
    if name == "absent":
        return actual is Absent
    if actual is Absent:
        return False
    match name:
        case "any":
            return True
        case "truthy":
            return bool(actual)
        case "int":
            return isinstance(actual, int) and not isinstance(actual, bool)
        case "not":
            return bool(actual != argument)
    return isinstance(actual, str) and _text_fits(name, argument, actual)


def _text_fits(name: str, argument: str, actual: str) -> bool:
    match name:
        case "hex32":
            return re.fullmatch(r"[0-9a-f]{32}", actual) is not None
        case "re":
            return re.search(argument, actual) is not None
        case "contains":
            return argument.casefold() in actual.casefold()
        case "ts":
            return datetime.fromisoformat(actual).tzinfo is not None
        case "uuid":
            return str(uuid.UUID(actual)) == actual
        case "json":
            return json.loads(actual) is not None
    raise AssertionError(f"no matcher <{name}>")
