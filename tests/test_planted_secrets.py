"""The search for planted secrets finds them in every encoding, also broken over lines, and nothing else."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import textwrap
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from planted_secrets import fake_secret, fake_token, files_below, find_secret, require_no_secret

SECRET = fake_secret("place")
DATA = SECRET.encode()


def _zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trace", data)
    return file.getvalue()


HELD = {
    "plain": DATA,
    "JSON": json.dumps({"key": SECRET}).encode(),
    "JSON in JSON": json.dumps({"body": json.dumps({"key": SECRET})}).encode(),
    "URL": f"https://user:{quote(SECRET, safe='')}@fake.example".encode(),
    "form": f"a=b&key={quote_plus(SECRET)}".encode(),
    "HTML": f"<td>{html.escape(SECRET)}</td>".encode(),
    "base64": base64.b64encode(DATA),
    "base64 of a header": base64.b64encode(b"user:" + DATA + b"\n"),
    "base64 of another header": base64.b64encode(b"admin:" + DATA + b"!"),
    "base64url": base64.urlsafe_b64encode(b"Bearer " + DATA),
    "base64 in lines of a PEM": base64.encodebytes(b"some bytes before " + DATA),
    "hex": DATA.hex().encode(),
    "hex in lines": "\n".join(textwrap.wrap(DATA.hex(), 16)).encode(),
    "lines of a terminal": "\n".join(f"  │ {line}" for line in textwrap.wrap(SECRET, 12)).replace("│", "|").encode(),
    "a string of several parts": b'"' + b'" +\n  "'.join([DATA[:20], DATA[20:]]) + b'"',
    "in colours": DATA[:10] + b"\x1b[31m" + DATA[10:] + b"\x1b[0m",
    "repr": repr([SECRET]).encode(),
    "cut off": DATA[: len(DATA) // 2 + 4] + b"...",
    "its end": b"..." + DATA[len(DATA) // 2 - 4 :],
    "gzip": gzip.compress(DATA, mtime=0),
    "zip": _zip(DATA),
}


@pytest.mark.parametrize("data", HELD.values(), ids=HELD)
def test_a_secret_is_found(data: bytes) -> None:
    assert find_secret(b"before " + data if data[:2] not in (b"\x1f\x8b", b"PK") else data, SECRET)


@pytest.mark.parametrize(
    "data", [b"", b"[secret]", fake_secret("another").encode(), b"fake/pl", gzip.compress(b"x", mtime=0)]
)
def test_nothing_else_is_found(data: bytes) -> None:
    assert find_secret(data, SECRET) == []


def test_a_token_is_found_too() -> None:
    token = fake_token("deploying")
    assert find_secret(f"Bearer {token}".encode(), token)
    assert len(token) >= 40


def test_a_leak_fails_and_is_not_repeated_in_full(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "log").write_text(f"key {SECRET}")
    (tmp_path / "link").symlink_to("folder/log")
    files = files_below(tmp_path)
    assert [*files] == [str(tmp_path / "folder" / "log")]
    with pytest.raises(AssertionError, match="folder/log") as failure:
        require_no_secret(files, [SECRET])
    assert SECRET not in str(failure.value)
    require_no_secret(files, [fake_secret("another")])
