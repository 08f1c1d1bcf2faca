"""The shipped catalog is replaced by a small one, whose figures stay."""

from __future__ import annotations

import pytest

from gatewright.environment.files import SHIPPED
from gatewright.environment.model.environment_file import CATALOG_NAME

from .case_files import CATALOG


@pytest.fixture
def small_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SHIPPED, CATALOG_NAME, CATALOG)
