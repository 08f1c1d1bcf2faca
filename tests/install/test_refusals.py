"""A file that cannot be edited safely is not changed, and the error tells why and what to do."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from gatewright.clients import CLIENTS
from gatewright.clients.common.user_settings import MAX_SIZE
from gatewright.errors import FileRefusedError
from gatewright.install.journal import Journal

from .bench import OPENCLAW, Bench


def symlink(path: Path) -> None:
    target = path.rename(path.with_name("real.json"))
    path.symlink_to(target)


def hard_link(path: Path) -> None:
    path.with_name("other.json").hardlink_to(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def vim(path: Path) -> None:
    path.with_name(f".{path.name}.swp").write_bytes(b"")


def emacs(path: Path) -> None:
    path.with_name(f".#{path.name}").symlink_to("me@here.4711")


UNSAFE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a symlink": (symlink, "is a symlink to .*real.json"),
    "a hard link": (hard_link, "has 2 names"),
    "a folder": (folder, "is not a regular file"),
    "a pipe": (pipe, "is not a regular file"),
    "read-only": (lambda path: path.chmod(0o444), "is read-only"),
    "too large": (lambda path: path.write_bytes(b" " * (MAX_SIZE + 1)), "is larger than 5 MB"),
    "open in vim": (vim, "is open in an editor"),
    "open in emacs": (emacs, "is open in an editor"),
    "locked by a folder": (lambda path: path.with_name(f"{path.name}.lock").mkdir(), "is in use"),
    "not UTF-8": (lambda path: path.write_bytes(b"{\n// \xe4\n}"), r"openclaw.json:2 is not UTF-8"),
    "broken": (lambda path: path.write_text("{\n  a: 1\n  b: 2\n}"), r"openclaw.json:3:3 .*expected a comma or }"),
    "a list": (lambda path: path.write_text(" [1]"), r"openclaw.json:1:2 .*expected an object"),
    "cut off": (lambda path: path.write_text('{"a": "b'), r"openclaw.json:1:7 .*the string is not closed"),
    "one key twice": (lambda path: path.write_text("{models: {}, models: {}}"), "duplicate key models"),
}


@pytest.mark.parametrize("kind", UNSAFE)
@pytest.mark.parametrize("is_installed", [False, True], ids=["install", "uninstall"])
def test_an_unsafe_file_is_not_changed(bench: Bench, kind: str, *, is_installed: bool) -> None:
    path = bench.file(".openclaw/openclaw.json")
    if is_installed:
        bench.install("prod", "openclaw")
    make_unsafe, message = UNSAFE[kind]
    make_unsafe(path)
    before = folder_state(path)
    run = bench.uninstall if is_installed else bench.install
    with pytest.raises(FileRefusedError, match=message) as raised:
        run("prod", "openclaw")
    assert "~/.openclaw/openclaw.json" in raised.value.message
    assert raised.value.hint
    assert folder_state(path) == before


def folder_state(path: Path) -> list[tuple[str, int, int, bytes | None]]:
    """Name, mode, time and content of each file in the folder."""
    return [
        (file.name, file.lstat().st_mode, file.lstat().st_mtime_ns, file.read_bytes() if file.is_file() else None)
        for file in sorted(path.parent.iterdir())
    ]


def test_a_value_of_another_type_is_not_replaced(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json", "{models: [1]}")
    with pytest.raises(FileRefusedError, match=r"openclaw.json:1:10 .*expected an object with the key mode"):
        bench.install("prod", "openclaw")


@pytest.mark.parametrize("client", ["openclaw", "pi"])
def test_the_hint_for_a_symlink_names_the_option(bench: Bench, client: str) -> None:
    path = bench.file({"openclaw": ".openclaw/openclaw.json", "pi": ".pi/agent/models.json"}[client], "{}")
    symlink(path)
    with pytest.raises(FileRefusedError, match="is a symlink to") as raised:
        bench.install("prod", client)
    assert raised.value.hint
    assert "--follow-symlinks" in raised.value.hint


HOLD = {"flock": "fcntl.flock(f, fcntl.LOCK_EX)", "fcntl": "fcntl.lockf(f, fcntl.LOCK_EX)", "writing": "pass"}


@pytest.mark.parametrize("hold", HOLD.values(), ids=HOLD)
def test_a_file_that_another_program_has_open_is_not_changed(bench: Bench, hold: str) -> None:
    path = bench.file(".openclaw/openclaw.json")
    code = "import fcntl, sys; f = open(sys.argv[1], 'r+'); {}; print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code.format(hold), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(FileRefusedError, match="another program"):
            bench.install("prod", "openclaw")
        assert path.read_text(encoding="utf-8") == OPENCLAW
        other.communicate("")
    bench.install("prod", "openclaw")


def test_a_file_that_changes_while_the_program_checks_a_copy_is_not_changed(bench: Bench) -> None:
    path = bench.file(".openclaw/openclaw.json")
    program(bench, "openclaw", f"echo '{{}} // new' > {str(path)!r}")
    with pytest.raises(FileRefusedError, match="was changed by another program meanwhile"):
        bench.install("prod", "openclaw")
    assert path.read_text(encoding="utf-8") == "{} // new\n"
    assert bench.journal == ""


def test_a_file_in_place_of_a_folder(bench: Bench) -> None:
    bench.file(".codex", "a file where a folder should be")
    with pytest.raises(FileRefusedError, match="is not a folder"):
        bench.install("prod", "codex")


def test_no_file_is_written_if_one_of_several_is_refused(bench: Bench) -> None:
    bench.file(".pi/agent/settings.json", "{]")
    before = bench.files()
    with pytest.raises(FileRefusedError, match=r"~/\.pi/agent/settings\.json:1:2"):
        bench.install("prod", "pi")
    assert bench.files() == before
    assert bench.journal == ""


@contextmanager
def max_file_size(size: int) -> Iterator[None]:
    """As on a disk without free space."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_all_files_are_restored_if_one_of_several_cannot_be_written(bench: Bench) -> None:
    bench.file(".pi/agent/models.json", "{}")
    bench.file(".pi/agent/auth.json", json.dumps({"own": {"type": "api_key", "key": "x" * 50_000}}))
    before = bench.files()
    size = len(before[".pi/agent/auth.json"])
    with max_file_size(size + 10), pytest.raises(FileRefusedError, match=r"auth\.json cannot be written") as raised:
        bench.install("prod", "pi")
    assert raised.value.hint == "Nothing was changed. Fix the cause, then run again"
    assert bench.files() == before
    assert bench.journal == ""
    with (
        max_file_size(size - 10),
        pytest.raises(FileRefusedError, match=r"journal of .* cannot be written"),
    ):
        bench.install("prod", "pi")
    assert bench.files() == before
    bench.install("prod", "pi")
    bench.uninstall("prod", "pi")
    assert bench.files() == before


def test_folders_are_removed_if_no_file_was_written(bench: Bench) -> None:
    with max_file_size(0), pytest.raises(FileRefusedError):
        bench.install("prod", "pi")
    assert not (bench.home / ".pi").exists()


def test_a_second_run_reports_that_it_waits(bench: Bench) -> None:
    journal, calls = Journal(bench.machine.state), []
    with ExitStack() as first:
        first.enter_context(journal.locked(lambda: None))

        def on_wait() -> None:
            calls.append("waits")
            first.close()

        bench.install("prod", "pi", on_wait=on_wait)
    assert calls == ["waits"]


def test_flow_lists_and_several_documents_are_not_changed(bench: Bench) -> None:
    for text in ("models: [{name: x}]\n", "{models: []}\n", "--- {}\n---\na: 1\n", "models: *x\n", "a: [\n", "- 1\n"):
        path = bench.file(".continue/config.yaml", text)
        with pytest.raises(FileRefusedError, match=r"~/\.continue/config\.yaml:\d+:\d+ cannot be edited: "):
            bench.install("prod", "continue")
        assert path.read_text(encoding="utf-8") == text


def test_a_result_that_the_program_refuses_is_not_written(bench: Bench) -> None:
    path = bench.file(".openclaw/openclaw.json")
    issues = '{"valid": false, "issues": [{"path": "models", "message": "Unrecognized key: x"}]}'
    program(bench, "openclaw", f'grep -q agents-prod "$OPENCLAW_CONFIG_PATH" || exit 0\necho {issues!r}\nexit 1')
    with pytest.raises(FileRefusedError, match="openclaw would refuse the result: models: Unrecognized key: x"):
        bench.install("prod", "openclaw")
    program(bench, "openclaw", f"echo {issues!r}\nexit 1")
    with pytest.raises(FileRefusedError, match="openclaw refuses its current file: models: Unrec"):
        bench.install("prod", "openclaw")
    assert path.read_text(encoding="utf-8") == OPENCLAW
    assert list((bench.home / ".local" / "state" / "gatewright" / "scratch").iterdir()) == []


def test_the_program_sees_a_copy_in_a_temporary_home_and_no_credential(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    seen = bench.home / "seen"
    program(bench, "openclaw", f'env > {str(seen)!r}; cat "$OPENCLAW_CONFIG_PATH" >> {str(seen)!r}')
    bench.variables |= {"PROD_TOKEN": "fake-token-of-the-user"}
    outcome = bench.install("prod", "openclaw")
    assert outcome.verdict is not None
    assert outcome.verdict.refusal is None
    text = seen.read_text(encoding="utf-8")
    assert "agents-prod" in text
    assert "fake-token-of-the-user" not in text
    assert f"HOME={bench.home}\n" not in text


def test_the_verdict_tells_that_the_program_is_not_on_path(bench: Bench) -> None:
    outcome = bench.install("prod", "openclaw")
    assert outcome.verdict is not None
    assert outcome.verdict.not_run == "not on PATH"


BROKEN = {
    "openclaw": ("echo Node.js 24.16 or newer is required; exit 1", r"exit 1: Node.js 24.16 or newer is required"),
    "opencode": ("echo junk; echo; exit 3", "exit 3: junk"),
    "litellm": ("echo Traceback; echo 'ImportError: no backoff' >&2; exit 1", "exit 1: ImportError: no backoff"),
    "llm": ("echo 'ModuleNotFoundError: no click' >&2; exit 1", "exit 1: ModuleNotFoundError: no click"),
    "codex": ("echo Error: spawn failed; exit 126", "exit 126: Error: spawn failed"),
    "pi": ("echo 'Error: Cannot find module x'; exit 1", "exit 1: Error: Cannot find module x"),
    "aider": ("kill -SEGV $$", "Segmentation fault"),
    "claude-code": ("exit 127", "exit 127"),
}


@pytest.mark.parametrize("client", BROKEN)
def test_a_program_that_cannot_run_refuses_nothing(bench: Bench, client: str) -> None:
    body, reason = BROKEN[client]
    known = CLIENTS[client].program
    assert known is not None
    program(bench, known.command, body)
    outcome = bench.install("prod", client)
    assert outcome.verdict is not None
    assert outcome.verdict.not_run == f"it could not run ({reason})"
    assert outcome.files[0].state == "created"


def test_a_program_whose_interpreter_does_not_exist(bench: Bench) -> None:
    program(bench, "llm", "")
    bench.file("bin/llm", "#!/nowhere/python\n")
    verdict = bench.install("prod", "llm").verdict
    assert verdict is not None
    assert "its interpreter does not exist" in (verdict.not_run or "")


def test_background_processes_of_the_program_are_not_waited_for(bench: Bench) -> None:
    program(bench, "llm", "sleep 50 &")
    begin = time.monotonic()
    verdict = bench.install("prod", "llm").verdict
    assert verdict is not None
    assert verdict.not_run is None
    assert time.monotonic() - begin < 20


def test_the_copy_is_readable_by_its_owner_only(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    program(bench, "openclaw", 'ls -l "$OPENCLAW_CONFIG_PATH"; exit 9')
    verdict = bench.install("prod", "openclaw").verdict
    assert verdict is not None
    assert "(exit 9: -rw------- " in (verdict.not_run or "")


def program(bench: Bench, name: str, body: str) -> None:
    """Create a program of that name, first on PATH."""
    path = bench.file(f"bin/{name}", f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    bench.variables["PATH"] = f"{path.parent}:/usr/bin:/bin"
