"""Files that are encrypted with a key in another folder."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gatewright.io.sealed import key_path, read_sealed, write_sealed

SECRET, CONTEXT = b"fake-secret", "for a test"


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the key, not created yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "gatewright" / "seal.key"


@pytest.fixture
def sealed(key: Path, tmp_path: Path) -> Path:
    """A sealed file, and its key."""
    path = tmp_path / "cache" / "x.sealed"
    write_sealed(str(path), CONTEXT, SECRET)
    assert key.is_file()
    return path


def test_what_is_sealed_can_be_read_back(sealed: Path) -> None:
    assert read_sealed(str(sealed), CONTEXT) == SECRET


def test_the_file_holds_nothing_in_clear_and_differs_each_time(sealed: Path) -> None:
    first = sealed.read_bytes()
    write_sealed(str(sealed), CONTEXT, SECRET)
    assert SECRET not in first
    assert sealed.read_bytes()[:12] != first[:12]


def test_key_and_file_are_private(sealed: Path, key: Path) -> None:
    assert [stat.S_IMODE(path.stat().st_mode) for path in (sealed, key)] == [0o600, 0o600]
    assert [stat.S_IMODE(path.parent.stat().st_mode) for path in (sealed, key)] == [0o700, 0o700]
    assert [path.name for path in sealed.parent.iterdir()] == ["x.sealed"]


def test_another_context_opens_nothing(sealed: Path) -> None:
    assert read_sealed(str(sealed), "for another") is None


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 40])
def test_a_damaged_file_is_not_read(sealed: Path, data: bytes) -> None:
    sealed.write_bytes(data)
    assert read_sealed(str(sealed), CONTEXT) is None


def test_a_missing_file(key: Path, tmp_path: Path) -> None:
    assert read_sealed(str(tmp_path / "none"), CONTEXT) is None
    assert not key.exists()


def test_a_key_that_others_can_read_is_replaced(sealed: Path, key: Path) -> None:
    exposed = key.read_bytes()
    key.chmod(0o644)
    assert read_sealed(str(sealed), CONTEXT) is None
    write_sealed(str(sealed), CONTEXT, SECRET)
    assert key.read_bytes() != exposed
    assert read_sealed(str(sealed), CONTEXT) == SECRET


def test_a_damaged_key_is_replaced(sealed: Path, key: Path) -> None:
    key.write_bytes(b"cut off")
    assert read_sealed(str(sealed), CONTEXT) is None
    write_sealed(str(sealed), CONTEXT, SECRET)
    assert read_sealed(str(sealed), CONTEXT) == SECRET


def test_the_key_without_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    path = key_path()
    assert path is not None
    assert path.endswith("/.local/state/gatewright/seal.key")
    monkeypatch.setenv("HOME", "not/absolute")
    assert key_path() is None
    with pytest.raises(FileNotFoundError):
        write_sealed("/nowhere/x", CONTEXT, SECRET)
