"""Run a program that is a server, and send requests to a client's proxy."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from local.ports import free_port

from .homes import MASTER_KEY
from .run import Home

REQUEST = {"model": "dynamic/fast", "messages": [{"role": "user", "content": "What is 2+2?"}]}
START_TIMEOUT = 240  # seconds; LiteLLM takes seven, OpenClaw's gateway thirty
REQUEST_TIMEOUT = 180


@contextmanager
def proxy(home: Home, **variables: str) -> Iterator[httpx.Client]:
    """Run the proxy with the emitted files; yields a client that has its key."""
    arguments = [argument.format(home=home.folder) for argument in home.tested.proxy or ()]
    port = free_port()
    command = [*map(str, home.program.command), *arguments, *at_port(port)]
    with listening(command, {**home.environment, **variables}, home.folder, port) as client:
        yield client


def at_port(port: int) -> tuple[str, ...]:
    """The proxy's arguments for a port of this machine."""
    return ("--host", "127.0.0.1", "--port", str(port))


@contextmanager
def listening(
    command: Sequence[str],
    variables: Mapping[str, str],
    folder: Path,
    port: int,
    probe: str = "/health/liveliness",
) -> Iterator[httpx.Client]:
    """Run a server until it answers at `probe`, and kill it in the end; yields a client that has the proxy's key."""
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log, start_new_session=True)
    headers, url = {"Authorization": f"Bearer {MASTER_KEY}"}, f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=REQUEST_TIMEOUT) as client:
            _wait(process, client, probe, folder / "server.log")
            yield client
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], client: httpx.Client, probe: str, log: Path) -> None:
    """Wait until the server is ready. Fails with its log if it ends, or takes longer than START_TIMEOUT."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get(probe).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    pytest.fail(f"the server is not ready:\n{log.read_text()}")


def ask(client: httpx.Client, model: str) -> Any:
    """The answer of a model."""
    response = client.post("/v1/chat/completions", json={**REQUEST, "model": model})
    assert response.is_success, response.text
    return response.json()["choices"][0]["message"]["content"]
