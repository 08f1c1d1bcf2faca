"""Environments, and the programs that register them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.clock import NOW
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.resolved import Environment as Declared
from gatewright_components.environment import Environment
from gatewright_components.environment_file.program import LoadedProgram, register

ACCOUNT = "fa4eacc0" * 4
CASES = Path(__file__).parents[1] / "environment/cases"

Program = Callable[[], Environment]


@pytest.fixture(autouse=True)
def event_loops() -> Iterator[None]:
    """Event loops for Pulumi's SDK. It uses the thread's loop, which an earlier asyncio.run has removed; its mocks use
    one in each of their threads, and close none."""
    loops: list[asyncio.AbstractEventLoop] = []

    def begin() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loops.append(loop)

    begin()
    with ThreadPoolExecutor(initializer=begin) as threads:
        loops[0].set_default_executor(threads)
        yield
    asyncio.set_event_loop(None)
    for loop in loops:
        loop.close()


@pytest.fixture
def every_setting(tmp_path: Path) -> Declared:
    """The case that sets everything a gateway has."""
    for file in (CASES / "base.yaml", CASES / "accepted/every-gateway-setting/prod.yaml"):
        shutil.copy(file, tmp_path)
    return load_environment(tmp_path)


@pytest.fixture
def declared(tmp_path: Path) -> Callable[..., Declared]:
    """The smallest environment, with additional lines."""

    def write(*lines: str) -> Declared:
        base = (CASES / "base.yaml").read_text()
        kept = [line for line in base.splitlines() if not line.startswith("tokens")]
        (tmp_path / "prod.yaml").write_text("\n".join([*kept, f"account: {ACCOUNT}", *lines]))
        return load_environment(tmp_path)

    return write


def load_environment(folder: Path) -> Declared:
    result = load(Files(folder, "stacks"), "prod", CAPABILITIES, {NOW: "2026-11-01T00:00:00Z"})
    assert result.environment is not None, result.diagnostics
    return replace(result.environment, account_id=ACCOUNT)


def program(environment: Declared) -> Program:
    """The Pulumi program of an environment without clients."""
    return lambda: register(LoadedProgram(environment, []))
