"""Clones for the tests, each with a pair of programs beside the engine."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from local.ports import free_port

from gatewright.cli.screen import Screen
from gatewright.engine.ensure import ensure_engine
from gatewright.errors import EngineError

from .clone import Clone
from .pairs import EITHER, NAMES, OFFICIAL_VARIABLE, Pair, official, official_folder, stand_ins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.engine.find import Engine
    from gatewright.project import Project

    Clones = Callable[[Pair], Clone]


@pytest.fixture(scope="session")
def engine(checkout: Project) -> Engine:
    """The real engine, got if need be."""
    try:
        return ensure_engine(checkout, Screen().show)
    except EngineError as error:
        pytest.skip(error.message)


@pytest.fixture(scope="session")
def pairs(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pair]:
    """A pair by its name; skips where the official programs are not named."""

    @cache
    def made(name: str) -> Pair:
        programs = official_folder()
        if name == EITHER:
            return made("official" if programs else "stand-ins")
        folder = tmp_path_factory.mktemp(name)
        if name == "stand-ins":
            return stand_ins(engine, folder)
        if programs is None:
            pytest.skip(f"{OFFICIAL_VARIABLE} does not name the folder of the official programs")
        return official(engine, folder, programs)

    return made


@pytest.fixture(scope="session", params=NAMES)
def pair(request: pytest.FixtureRequest, pairs: Callable[[str], Pair]) -> Pair:
    return pairs(request.param)


@pytest.fixture(scope="session")
def clones(checkout: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clones]:
    """Makes clones; all have ended with the session."""
    made: list[Clone] = []

    def clone(pair: Pair) -> Clone:
        made.append(Clone.make(checkout, tmp_path_factory.mktemp(pair.name) / "a project", pair, free_port()))
        return made[-1]

    yield clone
    for each in made:
        each.end()


@pytest.fixture
def clone(clones: Clones, pair: Pair) -> Iterator[Clone]:
    """One with an empty stack."""
    made = clones(pair)
    made.start()
    yield made
    made.end()


@pytest.fixture(scope="session")
def settled(clones: Clones, pair: Pair) -> Clone:
    """One where everything is up; whoever changes something changes it back."""
    made = clones(pair)
    made.gatewright("up")
    return made
