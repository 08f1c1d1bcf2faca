"""Talking to a plugin's process as the engine does, and a resource's whole life told as a list of answers."""

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
    """A resource, what a program changes in it step by step, and what somebody changes in it at Cloudflare."""

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
        answer = self._call("Check", rpc.CheckRequest(urn=_urn(token), news=to_struct(news), type=token, name="it"))
        return answer if isinstance(answer, Refusal) else (from_struct(answer.inputs), len(answer.failures) > 0)

    def diff(self, token: str, key: str, state: Object, inputs: Object, news: Object) -> Any:
        answer = self._call(
            "Diff",
            rpc.DiffRequest(
                id=key,
                urn=_urn(token),
                type=token,
                name="it",
                olds=to_struct(state),
                old_inputs=to_struct(inputs),
                news=to_struct(news),
            ),
        )
        if isinstance(answer, Refusal):
            return answer
        return {
            "changes": rpc.DiffResponse.DiffChanges.Name(answer.changes),
            "differ": sorted(answer.diffs),
            "replace": sorted(answer.replaces),
            "detailed": answer.hasDetailedDiff,
            "delete before": answer.deleteBeforeReplace,
        }

    def create(self, token: str, inputs: Object, *, preview: bool = False) -> Any:
        answer = self._call(
            "Create",
            rpc.CreateRequest(urn=_urn(token), type=token, name="it", properties=to_struct(inputs), preview=preview),
        )
        return answer if isinstance(answer, Refusal) else (answer.id, from_struct(answer.properties))

    def read(self, token: str, key: str, inputs: Object | None = None, state: Object | None = None) -> Any:
        answer = self._call(
            "Read",
            rpc.ReadRequest(
                id=key,
                urn=_urn(token),
                type=token,
                name="it",
                inputs=to_struct(inputs or {}),
                properties=to_struct(state or {}),
            ),
        )
        if isinstance(answer, Refusal):
            return answer
        return answer.id, from_struct(answer.inputs), from_struct(answer.properties)

    def update(
        self, token: str, key: str, state: Object, inputs: Object, news: Object, *, preview: bool = False
    ) -> Any:
        answer = self._call(
            "Update",
            rpc.UpdateRequest(
                id=key,
                urn=_urn(token),
                type=token,
                name="it",
                olds=to_struct(state),
                old_inputs=to_struct(inputs),
                news=to_struct(news),
                preview=preview,
            ),
        )
        return answer if isinstance(answer, Refusal) else from_struct(answer.properties)

    def delete(self, token: str, key: str, inputs: Object, state: Object) -> Any:
        answer = self._call(
            "Delete",
            rpc.DeleteRequest(
                id=key,
                urn=_urn(token),
                type=token,
                name="it",
                properties=to_struct(state),
                old_inputs=to_struct(inputs),
            ),
        )
        return answer if isinstance(answer, Refusal) else "deleted"

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request)
        except grpc.RpcError as error:
            return Refusal(str(cast("Any", error).details()))


def life(plugin: Plugin, case: Case) -> Iterator[tuple[str, Any]]:
    """Every answer in the life of a resource, by what was asked: it is made, changed, changed by others, removed."""
    token = case.token
    yield "check", plugin.check(token, case.inputs)
    inputs, _ = plugin.check(token, case.inputs)
    yield "preview", plugin.create(token, inputs, preview=True)
    key, state = plugin.create(token, inputs)
    yield "create", (key, state)
    yield from _looked_at(plugin, token, key, inputs, state, "created")
    yield "import", plugin.read(token, f"{LOCAL_ACCOUNT}/{key}")
    for label, change in case.changes.items():
        news = {name: value for name, value in {**inputs, **change}.items() if value is not None}
        differs = plugin.diff(token, key, state, inputs, news)
        yield f"diff {label}", differs
        yield f"preview {label}", plugin.update(token, key, state, inputs, news, preview=True)
        if differs["replace"] or not is_known(news):
            continue  # the engine makes another one, or asks again when everything is known
        state, inputs = plugin.update(token, key, state, inputs, news), news
        yield f"update {label}", state
        yield from _looked_at(plugin, token, key, inputs, state, label)
    path = f"{RESOURCES[token].collection.format_map(inputs)}/{key}"
    there = plugin.api.call("GET", path, permission="")
    plugin.api.call("PUT", path, {**there, **case.outside}, permission="")
    yield from _looked_at(plugin, token, key, inputs, state, "changed outside")
    yield "delete", plugin.delete(token, key, inputs, state)
    yield "gone", plugin.read(token, key, inputs, state)


def _looked_at(
    plugin: Plugin, token: str, key: str, inputs: Object, state: Object, when: str
) -> Iterator[tuple[str, Any]]:
    yield f"diff of the same, {when}", plugin.diff(token, key, state, inputs, inputs)
    found = plugin.read(token, key, inputs, state)
    yield f"refresh, {when}", found
    yield f"diff after refresh, {when}", plugin.diff(token, key, found[2], found[1], inputs)


def _urn(token: str) -> str:
    return f"urn:pulumi:test::gatewright::{token}::it"
