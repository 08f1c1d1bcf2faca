from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatewright.engine.passphrase import ensure_passphrase, passphrase_file
from gatewright.errors import EngineError
from gatewright.project import Project


def test_the_passphrase_is_random_created_once_and_private(project: Project) -> None:
    umask = os.umask(0)
    try:
        path = ensure_passphrase(project)
    finally:
        os.umask(umask)
    secret = path.read_text()
    assert len(secret.strip()) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_passphrase(project).read_text() == secret
    assert [file.name for file in project.work.iterdir()] == ["passphrase"]


def test_runs_at_the_same_time_agree(project: Project) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: ensure_passphrase(project).read_text(), range(32)))
    assert len(secrets) == 1


def test_an_empty_passphrase_is_refused(project: Project) -> None:
    project.work.mkdir()
    passphrase_file(project).write_text("\n")
    with pytest.raises(EngineError, match=r"\.gatewright/passphrase is empty"):
        ensure_passphrase(project)
