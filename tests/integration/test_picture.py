"""The README's picture shows what the commands print today; `make docs` records it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .picture import PICTURE, draw, record, words

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.engine.find import Engine
    from gatewright.project import Project

pytestmark = [pytest.mark.integration, pytest.mark.long]


def test_picture_is_current(checkout: Project, engine: Engine, tmp_path: Path) -> None:
    assert words(draw(record(checkout, engine, tmp_path))) == words(PICTURE.read_text(encoding="utf-8"))
