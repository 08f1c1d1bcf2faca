"""The conversation of a case with a real account: its objects get the prefix, and only they are changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from local.server.conversation import Conversation

from gatewright.cloudflare.rate_limiter import RateLimiter
from live.budget import Budget
from live.names import Names, collection
from live.rules import STORES, Json, creates_store, inference_model
from live.target import Target

ACTIVE_WITHIN = 30  # seconds for a new secret
_MODEL_TEXT = " heard: "
"""In the text of the local Cloudflare's models."""


class SkippedError(Exception):
    """The case cannot go on; with the reason."""


@dataclass(slots=True)
class Sender:
    """Sends requests to an account, paced. `created` has the path of each object that it created, by id."""

    target: Target
    client: httpx.Client
    limiter: RateLimiter
    budget: Budget
    sleep: Callable[[float], None] = time.sleep
    created: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; `options` are those of httpx."""
        self.limiter.wait()
        return self.client.request(method, self.target.url(path), **options)

    def remove_created(self) -> None:
        """Delete what was created since the last call, the newest first. Those that are gone already are 404."""
        while self.created:
            _, path = self.created.popitem()
            self.send("DELETE", path, headers=self.owner())

    def owner(self) -> dict[str, str]:
        """The headers of the account's token."""
        return {"Authorization": f"Bearer {self.target.token}"}


class LiveConversation(Conversation):
    """One case. `exchanges` are the steps with their responses, in the names of the case."""

    def __init__(self, sender: Sender, prefix: str) -> None:
        target = sender.target
        super().__init__(sender.client, {"id": target.account, "zone": "no-zone", "token": target.token})
        self.sender = sender
        self.names = Names(prefix)
        self.exchanges: list[tuple[Json, httpx.Response]] = []

    def run(self, step: Json) -> None:
        """Run a step. One that creates the Secrets Store reads the existing one; one that sets the clock waits."""
        if step["request"]["path"] == "/__local__/clock":
            self._await_secret()
        elif creates_store(step):
            self._use_store(step)
        else:
            super().run({**step, "response": _without_model_texts(step.get("response", {}))})

    def send(self, request: Json) -> httpx.Response:
        """Send a request with the names of the run; return the response with those of the case."""
        path = self.names.path(self.filled(request["path"]))
        self._require_own(request, path, self.filled(request.get("body")))
        own = {} if path.startswith("/v1/") else self.sender.owner()
        headers = {**own, **self.filled(request.get("headers", {}))}
        if "cf-aig-gateway-id" in headers:
            headers["cf-aig-gateway-id"] = self.names.new(headers["cf-aig-gateway-id"])
        options: Json = {"headers": {name: value for name, value in headers.items() if value != "<absent>"}}
        if "query" in request:
            options["params"] = self.filled(request["query"])
        if "body" in request:
            body = self.filled(request["body"])
            model = inference_model(request)
            options["json"] = self.names.body(path, body) if model is None else self.sender.budget.charge(model, body)
        response = self.sender.send(request["method"], path, **options)
        if response.status_code == 429 and path.startswith("/client/v4/"):
            raise SkippedError("refused by the rate limit of the API")
        self._note_created(request["method"], path, response)
        restored = self._restored(request["method"], path, response)
        self.exchanges.append((request, restored))
        return restored

    def _require_own(self, request: Json, path: str, body: Any) -> None:
        """Refuse to change an object that this run has not created. Ids that the request invents are nobody's."""
        place, method = collection(path.partition("?")[0]), request["method"]
        if method == "GET" or place is None:
            return
        if place[1] in ("", "/"):
            items = body if isinstance(body, list) else []
            names = [str(item.get("id")) for item in items if isinstance(item, dict)] if method != "POST" else []
        else:
            names = [place[1].split("/")[1]]
        invented = json.dumps(request)
        if not all(self._is_own(name) or name in invented for name in names):
            raise SkippedError("would change an object that the run has not created")

    def _is_own(self, name: str) -> bool:
        return name.startswith(self.names.prefix) or name in self.sender.created

    def _note_created(self, method: str, path: str, response: httpx.Response) -> None:
        place = collection(path)
        if method != "POST" or not response.is_success or place is None:
            return
        if place[1] == "" or place[1].endswith("/duplicate"):
            folder = path.partition("?")[0].removesuffix(place[1])
            result = _json(response).get("result")
            for item in result if isinstance(result, list) else [result]:
                if isinstance(item, dict) and isinstance(item.get("id"), str):
                    self.sender.created[item["id"]] = f"{folder}/{item['id']}"

    def _restored(self, method: str, path: str, response: httpx.Response) -> httpx.Response:
        """The response in the names of the case; lists of the account without the objects of others."""
        text = response.text
        place = collection(path.partition("?")[0])
        if method == "GET" and place is not None and place[1] == "":
            body = _json(response)
            if isinstance(body.get("result"), list):
                body["result"] = [item for item in body["result"] if self.names.prefix in json.dumps(item)]
                body.pop("result_info", None)
                text = json.dumps(body)
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        kept["content-type"] = response.headers.get("content-type", "")
        return httpx.Response(response.status_code, headers=kept, content=self.names.restore(text).encode())

    def _use_store(self, step: Json) -> None:
        stores = _json(self.sender.send("GET", STORES.replace("{A}", self.variables["A"]), headers=self.sender.owner()))
        if not stores.get("result"):
            raise SkippedError("the account has no Secrets Store")
        for name in step.get("capture", {}):
            self.variables[name] = stores["result"][0]["id"]

    def _await_secret(self) -> None:
        path = self.filled(STORES + "/{S}/secrets/{secret_id}")
        for _ in range(ACTIVE_WITHIN):
            secret = _json(self.sender.send("GET", path, headers=self.sender.owner())).get("result") or {}
            if secret.get("status") != "pending":
                return
            self.sender.sleep(1.0)


def _json(response: httpx.Response) -> Json:
    """The body; empty where it is not a JSON object."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _without_model_texts(value: Any) -> Any:
    """What is expected, with any text in place of those of the local Cloudflare's models."""
    if isinstance(value, str):
        return "<any>" if _MODEL_TEXT in value else value
    if isinstance(value, dict):
        return {name: _without_model_texts(item) for name, item in value.items()}
    return [_without_model_texts(item) for item in value] if isinstance(value, list) else value
