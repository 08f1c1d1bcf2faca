"""An S3-compatible store of its own: moto's server, with the packages of tests/s3.lock."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.project import Project

READY_WITHIN = 60.0  # seconds
BUCKET = "fake-state"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "fake-id", "AWS_SECRET_ACCESS_KEY": "fake-secret"}
QUIET = {"AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required"}
"""Without it the engine warns on stderr at each read: moto's answers have no checksum."""


def packages(checkout: Project) -> Path:
    """The folder with moto, which is installed there if it is not."""
    folder, lock = checkout.work / "moto", checkout.root / "tests" / "s3.lock"
    if not (folder / "moto").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "--target", str(folder), "--requirement", str(lock)], check=True)
    return folder


@contextmanager
def running(folder: Path, port: int) -> Iterator[str]:
    """The URL of a store with an empty bucket; the store is gone after the `with`."""
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, env={"PYTHONPATH": str(folder)}, stderr=subprocess.DEVNULL) as process:
        try:
            _make_bucket(url, process)
            yield url
        finally:
            process.terminate()


def _make_bucket(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            assert httpx.put(f"{url}/{BUCKET}", trust_env=False).is_success
        except httpx.ConnectError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def backend(url: str) -> dict[str, str]:
    """The variables that name the bucket and its credentials."""
    return {
        "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint={url}&region=us-east-1&use_path_style=true",
        **CREDENTIALS,
        **QUIET,
    }


def keys(url: str) -> list[str]:
    """The names of all objects in the bucket."""
    text = httpx.get(f"{url}/{BUCKET}", params={"list-type": "2"}, trust_env=False).text
    return [part.partition("</Key>")[0] for part in text.split("<Key>")[1:]]


def read(url: str, key: str) -> httpx.Response:
    """An object. moto wants a signature for it, and does not verify it."""
    scope = f"Credential={CREDENTIALS['AWS_ACCESS_KEY_ID']}/20261129/us-east-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=fake"}
    return httpx.get(f"{url}/{BUCKET}/{key}", headers=headers, trust_env=False)
