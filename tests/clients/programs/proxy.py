"""Run a client's proxy in its home, and send requests to it."""

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
START_TIMEOUT = 90  # seconds; it takes seven
REQUEST_TIMEOUT = 180


@contextmanager
def proxy(home: Home, **variables: str) -> Iterator[httpx.Client]:
    """Run the proxy with the emitted files; yields a client that has its key."""
    arguments = [argument.format(home=home.folder) for argument in home.tested.proxy or ()]
    with listening([*home.program.command, *arguments], {**home.environment, **variables}, home.folder) as client:
        yield client


@contextmanager
def listening(
    command: Sequence[str | Path], variables: Mapping[str, str], folder: Path, port: int | None = None
) -> Iterator[httpx.Client]:
    """Run the command of a proxy, and kill it in the end; yields a client that has its key."""
    port = port or free_port()
    with (folder / "proxy.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env=variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    headers, url = {"Authorization": f"Bearer {MASTER_KEY}"}, f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=REQUEST_TIMEOUT) as client:
            _wait(process, client, folder / "proxy.log")
            yield client
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], client: httpx.Client, log: Path) -> None:
    """Wait until the proxy listens. Fails with its log if it ends, or takes longer than START_TIMEOUT."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get("/health/liveliness").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail(f"the proxy does not listen:\n{log.read_text()}")


def ask(client: httpx.Client, model: str) -> Any:
    """The answer of a model."""
    response = client.post("/v1/chat/completions", json={**REQUEST, "model": model})
    assert response.is_success, response.text
    return response.json()["choices"][0]["message"]["content"]
