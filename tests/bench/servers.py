"""Local Cloudflare beside other servers on this machine, each asked by the same client: batches of requests."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import click
from clients.programs.install import ensure_program
from clients.programs.tested_program import PROGRAMS

from bench.cases import Bench, Case, Group
from bench.projects import free_port
from bench.timing import seconds_of
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, LOCAL_HOST, fake_key
from gatewright.facts.permissions import AI_GATEWAY_RUN
from gatewright.local import daemon
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

REQUESTS = 320
CONNECTIONS = (1, 16)
READY_WITHIN = 180.0  # seconds; LiteLLM's proxy takes 7 on a quiet machine
MASTER_KEY = "sk-fake-master-key"
MODEL = "mistral/mistral-small"
QUESTION = {"model": MODEL, "messages": [{"role": "user", "content": "What is 2+2?"}]}
LITELLM_FILE = f"""\
model_list:
  - model_name: {MODEL}
    litellm_params: {{model: openai/mock, api_key: fake-key, mock_response: "What is 2+2?"}}
general_settings: {{master_key: {MASTER_KEY}}}
"""


SIGNED = (
    "AWS4-HMAC-SHA256 Credential=fake/20261129/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=fake"  # moto
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, which is repeated; `port` and `server`, a process id, are of who answers it."""

    server: int
    port: int
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None

    def send(self, times: int) -> bytes:
        """Send it over one connection, which is kept open if the server allows it; the last answer."""
        connection = http.client.HTTPConnection(LOCAL_HOST, self.port, timeout=60)
        content = None if self.body is None else json.dumps(self.body)
        headers = {**self.headers, **({} if content is None else {"Content-Type": "application/json"})}
        answer = b""
        for _ in range(times):
            connection.request(self.method, self.path, content, headers)
            response = connection.getresponse()
            answer = response.read()
            if not 200 <= response.status < 300:
                raise click.ClickException(f"{self.method} {self.path}: {response.status} {answer[:500]!r}")
        connection.close()
        return answer


def batch(request: Request, connections: int) -> float:
    """Seconds until all requests of a batch are answered."""
    with ThreadPoolExecutor(connections) as pool:
        each = [REQUESTS // connections] * connections
        return seconds_of(request.server, lambda: [*pool.map(request.send, each)])


def read(server: str, connections: int) -> str:
    """The name of a case: reading one resource."""
    return f"{server}: {REQUESTS} reads of one resource, {_count(connections)}"


def answers(server: str, connections: int) -> str:
    """The name of a case: chat completions of a model that needs no time."""
    return f"{server}: {REQUESTS} answers of a model, {_count(connections)}"


def _count(connections: int) -> str:
    return f"{connections} connection{'s' * (connections != 1)}"


LOCAL, MOTO, LITELLM = "local Cloudflare", "moto", "LiteLLM's proxy"


@contextmanager
def control_planes(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """Reads of a gateway, and of an object in a bucket."""
    with _local(bench.folder / "read") as running, _moto(bench, free_port()) as moto:
        cases: dict[str, Case] = {}
        for connections in CONNECTIONS:
            cases[read(LOCAL, connections)] = partial(_read_local, running, connections)
            cases[read(MOTO, connections)] = partial(batch, moto, connections)
        yield cases


def _read_local(running: daemon.Running, connections: int) -> float:
    """A batch in an account of its own, since the API limits the calls of one token."""
    created = json.loads(_send(running, "/__local__/accounts", {}))
    path = f"/client/v4/accounts/{created['id']}/ai-gateway/gateways"
    headers = {"Authorization": f"Bearer {created['token']}"}
    _create_gateway(running, path, headers)
    return batch(Request(running.pid, running.port, "GET", f"{path}/fake", headers), connections)


@contextmanager
def data_planes(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """Answers of a model that echoes, and of LiteLLM's mock; both check a token and choose the model by its name."""
    with _local(bench.folder / "answers") as running, _litellm(bench, free_port()) as litellm:
        local = _gateway(running)
        cases: dict[str, Case] = {}
        for connections in CONNECTIONS:
            cases[answers(LOCAL, connections)] = partial(batch, local, connections)
            cases[answers(LITELLM, connections)] = partial(batch, litellm, connections)
        yield cases


def _gateway(running: daemon.Running) -> Request:
    """A chat completion through a gateway with a stored key, with a token that may only run models."""
    account = f"/client/v4/accounts/{LOCAL_ACCOUNT}"
    deploying = {"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}
    store = json.loads(_send(running, f"{account}/secrets_store/stores", {"name": "fake"}, deploying))["result"]["id"]
    _create_gateway(running, f"{account}/ai-gateway/gateways", deploying, store_id=store)
    key = {"provider_slug": "mistral", "alias": "default", "default_config": True, "secret": fake_key("mistral")}
    _send(running, f"{account}/ai-gateway/gateways/fake/provider_configs", key, deploying)
    resources = {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"}
    policy = {"effect": "allow", "permission_groups": [{"id": AI_GATEWAY_RUN.id}], "resources": resources}
    token = json.loads(_send(running, f"{account}/tokens", {"name": "fake", "policies": [policy]}, deploying))
    headers = {"cf-aig-authorization": f"Bearer {token['result']['value']}"}
    path = f"/v1/{LOCAL_ACCOUNT}/fake/compat/chat/completions"
    return Request(running.pid, running.port, "POST", path, headers, QUESTION)


def _create_gateway(running: daemon.Running, path: str, headers: Mapping[str, str], **settings: object) -> None:
    body = {
        "id": "fake",
        "authentication": True,
        "cache_invalidate_on_update": True,
        "cache_ttl": 0,
        "collect_logs": True,
        "rate_limiting_interval": 0,
        "rate_limiting_limit": 0,
    }
    _send(running, path, body | settings, headers)


def _send(running: daemon.Running, path: str, body: object, headers: Mapping[str, str] | None = None) -> bytes:
    return Request(running.pid, running.port, "POST", path, headers or {}, body).send(1)


@contextmanager
def _local(folder: Path) -> Iterator[daemon.Running]:
    """A local Cloudflare of its own."""
    folder.mkdir()
    project = Project(folder)
    try:
        yield daemon.start(project, free_port())
    finally:
        daemon.stop(project)


@contextmanager
def _moto(bench: Bench, port: int) -> Iterator[Request]:
    """The read of an object at moto's server."""
    packages = bench.tools("moto")
    command = [sys.executable, "-m", "moto.server", "-H", LOCAL_HOST, "-p", str(port)]
    with _server(command, {"PYTHONPATH": str(packages)}, port, bench.folder / "moto.log") as pid:
        Request(pid, port, "PUT", "/fake").send(1)
        Request(pid, port, "PUT", "/fake/object", {"Authorization": SIGNED}, {"fake": True}).send(1)
        yield Request(pid, port, "GET", "/fake/object", {"Authorization": SIGNED})


@contextmanager
def _litellm(bench: Bench, port: int) -> Iterator[Request]:
    """A chat completion at LiteLLM's proxy."""
    tested = PROGRAMS["litellm"]
    program = ensure_program(bench.checkout, tested, click.echo)
    config = bench.folder / "litellm.yaml"
    config.write_text(LITELLM_FILE)
    command = [*program.command, "--config", config, "--host", LOCAL_HOST, "--port", str(port)]
    variables = {"HOME": str(bench.folder), "PATH": f"{program.folder}{os.pathsep}{os.defpath}", **tested.program.quiet}
    with _server([*map(str, command)], variables, port, bench.folder / "litellm.log") as pid:
        headers = {"Authorization": f"Bearer {MASTER_KEY}"}
        yield Request(pid, port, "POST", "/v1/chat/completions", headers, QUESTION)


@contextmanager
def _server(command: list[str], variables: Mapping[str, str], port: int, log: Path) -> Iterator[int]:
    """The process id of a server, which responds."""
    with ExitStack() as stack:
        output = stack.enter_context(log.open("w"))
        process = stack.enter_context(subprocess.Popen(command, env=variables, stdout=output, stderr=output))
        stack.callback(process.terminate)
        _await(process, port, log)
        yield process.pid


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(LOCAL_HOST, port, timeout=10)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise click.ClickException(f"{process.args!r} does not listen:\n{log.read_text()}")


PAIRS = ((read, LOCAL, MOTO), (answers, LOCAL, LITELLM))
GROUPS = (
    Group(tuple(read(server, count) for count in CONNECTIONS for server in (LOCAL, MOTO)), control_planes),
    Group(tuple(answers(server, count) for count in CONNECTIONS for server in (LOCAL, LITELLM)), data_planes),
)
