"""Paths that `drift --ignore` accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.errors import UsageError
from gatewright.operations.drift.ignore_rules import require_known

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.load import Loaded

ONE, OTHER = "local: true\ntokens: {agents: {}}\n", "local: true\ntokens: {agents: {}, ci: {}}\n"
INVALID = "- not an environment\n"


def environments(folder: Path, *texts: str) -> list[Loaded]:
    for index, text in enumerate(texts):
        (folder / f"e{index}.yaml").write_text(text)
    return [load(Files(folder, "stacks"), f"e{index}", CAPABILITIES, {}) for index in range(len(texts))]


@pytest.mark.parametrize("texts", [[OTHER], [ONE, OTHER], [INVALID], []])
def test_a_path_of_any_environment_is_accepted(tmp_path: Path, texts: list[str]) -> None:
    require_known(["tokens.ci", "gateway.cache"], environments(tmp_path, *texts))


@pytest.mark.parametrize("texts", [[ONE], [ONE, ONE], [INVALID, ONE]])
def test_an_unknown_path_is_refused_with_the_nearest_name(tmp_path: Path, texts: list[str]) -> None:
    with pytest.raises(UsageError, match=r"^--ignore token\.agents: unknown section token$") as caught:
        require_known(["gateway", "token.agents"], environments(tmp_path, *texts))
    assert caught.value.hint == "Did you mean tokens?"
