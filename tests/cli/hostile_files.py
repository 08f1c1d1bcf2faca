"""What a file may hold that nobody meant it to, and the commands that read each file."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 20
MEMORY = 512 << 20

CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "zero bytes": b"\0" * 10,
    "invalid UTF-8": b"\xff\xfe\x80abc",
    "byte order mark": b"\xef\xbb\xbf",
    "surrogate": rb'"\ud800"',
    "list": b"[]",
    "null": b"null",
    "text": b'"x"',
    "integer": b"7",
    "boolean": b"true",
    "infinite number": b"1e999",
    "5,000 digits": b"9" * 5000,
    "not a number": b"NaN",
    "date that does not exist": b"2026-13-45",
    "empty object": b"{}",
    "null in an object": b'{"a": null}',
    "key twice": b'{"a": 1, "a": 2}',
    "lists of lists": b'[[1], [2], "x", null]',
    "objects of other types": b'{"environments": [1], "version": 1, "environment": [], "routes": 7}',
    "lines of other types": b'{}\n[]\nnull\n{"a": 1}\n',
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"a":' * 50_000,
    "closed nested lists": b"[" * 20_000 + b"]" * 20_000,
    "anchors": b"a: &a [x, x]\nb: &b [*a, *a]\nc: *b\n",
    "anchor in itself": b"&a [*a]",
    "tabs": b"\t\tx: 1",
    "control characters": b"\x1b[31mred\x07",
    "carriage returns": b"a\r\nb\r\n",
    "one long line": b"x" * 3_000_000,
    "assignments without names": b"=\n=x\nA\n",
    "tag of Python": b'!!python/object/apply:os.system ["echo hi"]',
}
SPECIAL: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "symlink to itself": lambda path: path.symlink_to(path.name),
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "empty device": lambda path: path.symlink_to(os.devnull),
}
KINDS = (*CONTENTS, *SPECIAL)

READERS: dict[str, tuple[str, ...]] = {
    "stacks/prod.yaml": (
        "validate prod",
        "show prod",
        "routes prod",
        "inventory prod",
        "render prod",
        "diff dev prod",
        "promote dev prod",
        "report --all --out pages",
        "simulate prod --load 10/s --for 1s",
        "policy",
        "permissions prod",
        "environments",
        "new other",
    ),
    "stacks/base.yaml": ("validate prod",),
    "stacks/catalog.yaml": ("validate prod", "catalog"),
    "stacks/Pulumi.prod.yaml": ("validate prod", "engine env prod", "doctor prod"),
    "stacks/prod.import.json": ("render prod",),
    "policies.yaml": ("validate prod", "policy", "policy test"),
    "policies.test.yaml": ("policy test",),
    "Pulumi.yaml": ("validate prod", "version", "init", "upgrade"),
    "requirements.txt": ("version", "upgrade"),
    ".gitignore": ("init",),
    ".github/workflows/preview.yml": ("ci init", "upgrade"),
    "load.jsonl": ("simulate prod --load load.jsonl",),
    "load.csv": ("simulate prod --load load.csv",),
    "plan.json": ("up prod --plan plan.json",),
    "versions.json": ("routes prod --restore versions.json",),
    "notes.md": ("scan .",),
    ".gitleaksignore": ("scan .",),
    ".gatewright/passphrase": ("engine env prod", "doctor"),
    ".gatewright/local/server.json": ("doctor local", "local stop"),
    ".gatewright/history/prod/verify.jsonl": ("report prod --out pages", "verify prod --history"),
    ".gatewright/history/prod/drift.jsonl": ("report prod --out pages",),
    ".gatewright/history/prod/limits.json": ("report prod --out pages", "usage prod"),
    ".gatewright/engine-versions.json": ("doctor", "version"),
    ".gatewright/report/prod.json": ("report prod --out pages",),
    ".gatewright/usage/prod/requests-2026-11-20.json": ("report prod --out pages",),
    ".gatewright/state/.pulumi/meta.yaml": ("doctor", "token prod"),
    ".gatewright/state/.pulumi/stacks/gatewright/prod.json": ("doctor prod", "token prod"),
    ".gatewright/state/.pulumi/locks/organization/gatewright/prod/run.json": ("doctor prod",),
    "own.json": ("import-client prod own.json",),
    "own.yaml": ("import-client prod own.yaml",),
    "~/.pulumi/credentials.json": ("engine env prod",),
    "~/.openclaw/openclaw.json": (
        "install prod openclaw --yes",
        "uninstall prod openclaw --yes",
        "doctor prod openclaw",
    ),
    "~/.codex/config.toml": ("install prod codex --yes", "doctor prod codex"),
    "~/.claude/settings.json": ("install prod claude-code --yes", "doctor prod claude-code"),
    "~/.config/opencode/opencode.json": ("install prod opencode --yes", "doctor prod opencode"),
    "~/.pi/agent/models.json": ("install prod pi --yes", "doctor prod pi"),
    "~/.qwen/settings.json": ("install prod qwen-code --yes", "doctor prod qwen-code"),
    "~/.gemini/settings.json": ("install prod gemini-cli --yes", "doctor prod gemini-cli"),
}


def place(path: Path, kind: str) -> None:
    """Put the content or the special file `kind` at `path`, in place of what is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind in CONTENTS:
        path.write_bytes(CONTENTS[kind])
    else:
        SPECIAL[kind](path)


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raises TimeoutError after 20 s, and MemoryError where more than 512 MiB are added to this process."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"signal {number} after {SECONDS} s in {frame and frame.f_code.co_filename}")

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
