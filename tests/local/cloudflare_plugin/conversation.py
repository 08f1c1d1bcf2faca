"""Calls to a plugin's process as the engine makes them, and the life of a resource as a list of responses."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import grpc

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.resources import RESOURCES
from gatewright.local.cloudflare_plugin.api import Api
from gatewright.local.daemon import Running
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.protos import provider_pb2_grpc
from gatewright.plugin.values import Object, Secret, from_struct, is_known, to_struct


@dataclass(frozen=True)
class Case:
    """A resource, the changes of a program step by step, and a change at Cloudflare."""

    token: str
    inputs: Object
    changes: dict[str, Object]
    outside: dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """A call that failed."""

    message: str


class Plugin:
    """A plugin's process, configured for the local Cloudflare."""

    def __init__(self, command: Sequence[str], server: Running) -> None:
        self._command = command
        self.api = Api(server.control_plane, LOCAL_DEPLOY_TOKEN)
        self.config: Object = {"baseUrl": server.control_plane, "apiToken": Secret(LOCAL_DEPLOY_TOKEN)}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.max_receive_message_length", -1)])
        self.stub: Any = cast("Any", provider_pb2_grpc).ResourceProviderStub(self._channel)
        self.stub.Configure(rpc.ConfigureRequest(args=to_struct(self.config), acceptSecrets=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._process.terminate()
        with self._process:
            self._process.wait()

    def check(self, token: str, news: Object) -> Any:
        response = self._call("Check", token, news=news)
        return response if isinstance(response, Refusal) else (from_struct(response.inputs), bool(response.failures))

    def diff(self, token: str, key: str, state: Object, inputs: Object, news: Object) -> Any:
        response = self._call("Diff", token, id=key, olds=state, old_inputs=inputs, news=news)
        if isinstance(response, Refusal):
            return response
        return {
            "changes": rpc.DiffResponse.DiffChanges.Name(response.changes),
            "differ": sorted(response.diffs),
            "replace": sorted(response.replaces),
            "detailed": response.hasDetailedDiff,
            "delete before": response.deleteBeforeReplace,
        }

    def create(self, token: str, inputs: Object, *, preview: bool = False) -> Any:
        response = self._call("Create", token, properties=inputs, preview=preview)
        return response if isinstance(response, Refusal) else (response.id, from_struct(response.properties))

    def read(self, token: str, key: str, inputs: Object | None = None, state: Object | None = None) -> Any:
        response = self._call("Read", token, id=key, inputs=inputs or {}, properties=state or {})
        if isinstance(response, Refusal):
            return response
        return response.id, from_struct(response.inputs), from_struct(response.properties)

    def update(
        self, token: str, key: str, state: Object, inputs: Object, news: Object, *, preview: bool = False
    ) -> Any:
        response = self._call("Update", token, id=key, olds=state, old_inputs=inputs, news=news, preview=preview)
        return response if isinstance(response, Refusal) else from_struct(response.properties)

    def delete(self, token: str, key: str, inputs: Object, state: Object) -> Any:
        response = self._call("Delete", token, id=key, properties=state, old_inputs=inputs)
        return response if isinstance(response, Refusal) else "deleted"

    def _call(self, method: str, token: str, **arguments: Any) -> Any:
        sent = {name: to_struct(value) if isinstance(value, dict) else value for name, value in arguments.items()}
        urn = f"urn:pulumi:test::gatewright::{token}::it"
        request = getattr(rpc, f"{method}Request")(urn=urn, type=token, name="it", **sent)
        try:
            return getattr(self.stub, method)(request)
        except grpc.RpcError as error:
            return Refusal(str(cast("Any", error).details()))


def life(plugin: Plugin, case: Case) -> Iterator[tuple[str, Any]]:
    """Every response in the life of a resource, by its call: create, change, change at Cloudflare, delete."""
    token = case.token
    yield "check", plugin.check(token, case.inputs)
    inputs, _ = plugin.check(token, case.inputs)
    yield "preview", plugin.create(token, inputs, preview=True)
    key, state = plugin.create(token, inputs)
    yield "create", (key, state)
    yield from _diff_and_refresh(plugin, token, key, inputs, state, "created")
    yield "import", plugin.read(token, f"{LOCAL_ACCOUNT}/{key}")
    for label, change in case.changes.items():
        news = {name: value for name, value in {**inputs, **change}.items() if value is not None}
        differences = plugin.diff(token, key, state, inputs, news)
        yield f"diff {label}", differences
        yield f"preview {label}", plugin.update(token, key, state, inputs, news, preview=True)
        if differences["replace"] or not is_known(news):
            continue  # the engine creates another resource, or calls again when everything is known
        state, inputs = plugin.update(token, key, state, inputs, news), news
        yield f"update {label}", state
        yield from _diff_and_refresh(plugin, token, key, inputs, state, label)
    path = f"{RESOURCES[token].collection.format_map(inputs)}/{key}"
    current = plugin.api.call("GET", path, permission="")
    plugin.api.call("PUT", path, {**current, **case.outside}, permission="")
    yield from _diff_and_refresh(plugin, token, key, inputs, state, "changed outside")
    yield "delete", plugin.delete(token, key, inputs, state)
    yield "gone", plugin.read(token, key, inputs, state)


def _diff_and_refresh(
    plugin: Plugin, token: str, key: str, inputs: Object, state: Object, when: str
) -> Iterator[tuple[str, Any]]:
    yield f"diff of the same, {when}", plugin.diff(token, key, state, inputs, inputs)
    refreshed = plugin.read(token, key, inputs, state)
    yield f"refresh, {when}", refreshed
    yield f"diff after refresh, {when}", plugin.diff(token, key, refreshed[2], refreshed[1], inputs)
