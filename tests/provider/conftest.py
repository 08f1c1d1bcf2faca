"""A project for the plugin to work in, and the plugin as a process, called as the engine calls it."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import httpx
import pytest
from google.protobuf.empty_pb2 import Empty
from local.ports import free_port

from gatewright.engine.find import find_engine
from gatewright.facts.resource_types import ACCOUNT, CONFIG_FILE
from gatewright.local import daemon
from gatewright.plugin.protos import engine_pb2_grpc, provider_pb2_grpc
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.values import Object, Secret, from_struct, to_struct
from gatewright.project import Project

from .cloudflare import Cloudflare
from .stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.local.daemon import Running


class Calls:
    """One type of resource: what the engine asks, in plain values. `failures` are the reasons of failed checks."""

    def __init__(self, stub: Any, token: str) -> None:
        self._stub, self._token = stub, token

    def urn(self, name: str = "first") -> str:
        return f"urn:pulumi:dev::gatewright::parent:index:Parent${self._token}::{name}"

    def check(self, news: Object, olds: Object | None = None, name: str = "first") -> Object:
        answer = self._check(news, olds, name)
        assert not answer.failures
        return from_struct(answer.inputs)

    def failures(self, news: Object, olds: Object | None = None, name: str = "first") -> list[str]:
        return [failure.reason for failure in self._check(news, olds, name).failures]

    def _check(self, news: Object, olds: Object | None, name: str) -> Any:
        return self._stub.Check(rpc.CheckRequest(urn=self.urn(name), olds=to_struct(olds or {}), news=to_struct(news)))

    def diff(self, resource_id: str, state: Object, inputs: Object, news: Object) -> dict[str, str]:
        olds, old_inputs, desired = (to_struct(part) for part in (state, inputs, news))
        request = rpc.DiffRequest(id=resource_id, urn=self.urn(), olds=olds, old_inputs=old_inputs, news=desired)
        answer = self._stub.Diff(request)
        assert (answer.changes == rpc.DiffResponse.DIFF_SOME) == bool(answer.detailedDiff)
        return {path: rpc.PropertyDiff.Kind.Name(entry.kind) for path, entry in answer.detailedDiff.items()}

    def create(self, inputs: Object, *, preview: bool = False) -> tuple[str, Object]:
        request = rpc.CreateRequest(urn=self.urn(), properties=to_struct(inputs), preview=preview)
        answer = self._stub.Create(request)
        return answer.id, from_struct(answer.properties)

    def update(
        self, resource_id: str, inputs: Object, news: Object, *, preview: bool = False, state: Object | None = None
    ) -> Object:
        olds, old_inputs, desired = (to_struct(part) for part in (state or {}, inputs, news))
        request = rpc.UpdateRequest(
            id=resource_id, urn=self.urn(), olds=olds, old_inputs=old_inputs, news=desired, preview=preview
        )
        return from_struct(self._stub.Update(request).properties)

    def read(self, resource_id: str, inputs: Object | None = None, state: Object | None = None) -> Any:
        """(inputs, state), or None when it is gone."""
        known, properties = to_struct(inputs or {}), to_struct(state or {})
        request = rpc.ReadRequest(id=resource_id, urn=self.urn(), inputs=known, properties=properties)
        answer = self._stub.Read(request)
        return (from_struct(answer.inputs), from_struct(answer.properties)) if answer.id else None

    def delete(self, resource_id: str, state: Object) -> None:
        self._stub.Delete(rpc.DeleteRequest(id=resource_id, urn=self.urn(), properties=to_struct(state)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project's folder, with a space in its name."""
    root = tmp_path / "a project"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: gatewright\nruntime: python\n")
    return root


class Engine(engine_pb2_grpc.EngineServicer):
    """The side of the engine that hears what a plugin has to say."""

    def __init__(self) -> None:
        self.logged: list[tuple[str, str]] = []

    def Log(self, request: Any, context: Any) -> Empty:  # noqa: N802, ARG002 - the protocol's name and arguments
        self.logged.append((request.urn, request.message))
        return Empty()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    """The engine's ear, and its address."""
    server, servicer = grpc.server(ThreadPoolExecutor(1)), Engine()
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def stub(folder: Path, checkout: Project, engine: tuple[Engine, str]) -> Iterator[Any]:
    launcher = checkout.root / "gatewright/provider/pulumi-resource-gatewright"
    with subprocess.Popen([str(launcher), engine[1]], stdout=subprocess.PIPE, text=True, cwd=folder) as plugin:
        assert plugin.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(plugin.stdout.readline())}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        plugin.kill()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("cloudflare"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.fixture
def cloudflare(running: Running, stub: Any) -> Iterator[Cloudflare]:
    cloudflare = Cloudflare(running)
    config: Object = {"baseUrl": cloudflare.url, "apiToken": Secret(cloudflare.token)}
    stub.Configure(rpc.ConfigureRequest(args=to_struct(config)))
    yield cloudflare
    httpx.delete(f"{cloudflare.root}/__local__/faults", trust_env=False)


@pytest.fixture
def accounts(stub: Any) -> Calls:
    return Calls(stub, ACCOUNT)


@pytest.fixture
def files(stub: Any) -> Calls:
    return Calls(stub, CONFIG_FILE)


@pytest.fixture
def stack(folder: Path, checkout: Project, tmp_path: Path) -> Stack:
    """A stack `dev` of a project in `folder`, on the real engine."""
    engine = find_engine(checkout)
    if engine is None or engine.host is None:
        pytest.skip("there is no engine with a Python language host yet: gatewright engine install")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    stack = Stack(folder, checkout, {**kept, "PATH": f"{engine.bin}{os.pathsep}{kept['PATH']}"}, tmp_path)
    stack.pulumi("stack", "init", "dev")
    return stack
