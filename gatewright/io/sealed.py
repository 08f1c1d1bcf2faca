"""Files that are encrypted with a random key of this user, which is kept in another folder: AES-256-GCM.

`gatewright token` reads one before anything else is imported and has 50 ms for it: no pathlib, no dataclasses here.
"""

# ruff: noqa: PTH111, PTH117, PTH118, PTH123 - importing pathlib takes longer than the rest

from __future__ import annotations

import os
import stat

_KEY_SIZE, _NONCE_SIZE = 32, 12  # bytes; the nonce's size is that of NIST SP 800-38D


def key_path() -> str | None:
    """The file with the key; None for a user without a home folder. HOME need not be set."""
    state = os.environ.get("XDG_STATE_HOME", "")
    home = os.path.expanduser("~")
    folder = state if os.path.isabs(state) else os.path.join(home, ".local", "state")
    return os.path.join(folder, "gatewright", "seal.key") if os.path.isabs(folder) else None


def read_sealed(path: str, context: str) -> bytes | None:
    """The content of a file that was sealed for `context`; None if it is missing, damaged or sealed otherwise."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    key = _read_key()
    if key is None:
        return None
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(data[:_NONCE_SIZE], data[_NONCE_SIZE:], context.encode())
    except (InvalidTag, ValueError):  # ValueError: a file that is cut off
        return None


def write_sealed(path: str, context: str, data: bytes) -> None:
    """Seal `data` in a file that only its owner can read. Raises OSError where key or file cannot be written."""
    from pathlib import Path

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from gatewright.io.private import private_folder, replace_private

    key, nonce = _read_key() or _create_key(), os.urandom(_NONCE_SIZE)
    private_folder(Path(path).parent)
    replace_private(Path(path), nonce + AESGCM(key).encrypt(nonce, data, context.encode()))


def _read_key() -> bytes | None:
    """The key; None if it is missing, damaged, or readable by others."""
    path = key_path()
    try:
        with open(path or "", "rb") as file:
            status, key = os.fstat(file.fileno()), file.read()
    except OSError:
        return None
    is_private = status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o077
    return key if is_private and len(key) == _KEY_SIZE else None


def _create_key() -> bytes:
    from pathlib import Path

    from gatewright.io.private import create_private, private_folder

    path = key_path()
    if path is None:
        raise FileNotFoundError("this user has no home folder for the key")
    private_folder(Path(path).parent)
    Path(path).unlink(missing_ok=True)  # one that is damaged, or that others could read
    create_private(Path(path), os.urandom(_KEY_SIZE))
    key = _read_key()
    if key is None:
        raise PermissionError(f"{path} is not readable by its owner alone")
    return key
