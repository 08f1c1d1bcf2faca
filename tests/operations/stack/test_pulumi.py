"""The engine's words, read: a program in its place says what the real one was heard to say."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gatewright.engine.find import Engine
from gatewright.engine.state import find_unreadable
from gatewright.engine.variables import Session
from gatewright.errors import EngineError, InvalidEnvironmentError, NoStackError, RefusedError
from gatewright.operations.stack.locks import interrupted_notes, lock_notes
from gatewright.operations.stack.pulumi import Pulumi, Step
from gatewright.project import Project

URN = "urn:pulumi:prod::gatewright::gatewright:components:Environment$cloudflare:index/aiGateway:AiGateway::agents"
LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
    "lock file with `pulumi cancel`.\n  file:///state/1.json: created by root@vm (pid 2049) at 2026-11-21T10:23:55Z"
)

Say = Callable[..., Pulumi]


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """An engine that writes these lines to its event log, prints `text` and ends with `code`."""

    def make(*events: Any, text: str = "", code: object = 0) -> Pulumi:
        lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
        (tmp_path / "events").write_text("\n".join(lines))
        (tmp_path / "text").write_text(text)
        program = tmp_path / "pulumi"
        program.write_text(
            "#!/bin/sh\n"
            f'echo "$@" >"{tmp_path}/asked"\n'
            'while [ $# -gt 0 ]; do if [ "$1" = --event-log ]; then cp "'
            + str(tmp_path)
            + '/events" "$2"; fi; shift; done\n'
            f'cat "{tmp_path}/text"\nexit {code}\n'
        )
        program.chmod(0o755)
        session = Session(dict(os.environ), "file:///state", "a file")
        return Pulumi(Project(tmp_path), Engine(program, (3, 259, 0), "built"), session, "prod")

    return make


def error(text: str, severity: str = "error", **more: str) -> dict[str, Any]:
    return {"diagnosticEvent": {"message": text, "severity": severity, **more}}


def step(operation: str) -> dict[str, Any]:
    metadata = {"op": operation, "type": "cloudflare:index/aiGateway:AiGateway", "urn": URN}
    return {"resOutputsEvent": {"metadata": metadata}}


def test_steps(say: Say) -> None:
    engine = say({"preludeEvent": {}}, step("create"), {"resourcePreEvent": {"metadata": {}}}, step("same"))
    kind = "cloudflare:index/aiGateway:AiGateway"
    assert engine.run("up") == [Step("create", kind, "agents"), Step("same", kind, "agents")]


def test_a_log_with_a_truncated_line(say: Say) -> None:
    assert len(say(step("create"), '{"resOutputsEvent": {"meta').run("up")) == 1


def test_no_log(say: Say) -> None:
    assert say().run("up") == []


def test_a_failure_reports_each_message_once(say: Say) -> None:
    engine = say(
        error("<{%fg 1%}>error: <{%reset%}>it is too long\n"),
        error("error: it is too long"),
        error("take care", "warning"),
        text="a page of progress",
        code=1,
    )
    with pytest.raises(EngineError) as caught:
        engine.run("up")
    assert caught.value.message == "pulumi failed on stack prod:\nerror: it is too long"
    assert caught.value.hint is None


def test_a_failure_without_output(say: Say) -> None:
    with pytest.raises(EngineError, match="the engine exited with code 7 and without output"):
        say(code=7).run("up")


def test_a_locked_stack_has_a_hint(say: Say) -> None:
    with pytest.raises(EngineError, match=r"root@vm \(pid 2049\)") as caught:
        say(text=LOCKED, code=1).run("up")
    assert caught.value.hint is not None
    assert "pulumi cancel --yes --stack prod" in caught.value.hint


CUT_OFF = "unexpected end of JSON input"
STATE = ".pulumi/stacks/gatewright/prod.json"


@pytest.mark.parametrize(
    ("file", "content", "words", "message"),
    [
        (".pulumi/locks/organization/gatewright/prod/1.json", "", CUT_OFF, "prod is locked by a file that cannot be"),
        (STATE, "", f"failed to load checkpoint: place 1: {CUT_OFF}", "the state of stack prod cannot be read"),
        (STATE, '{"version": 3, "chec', f"place 1: {CUT_OFF}", "the state of stack prod cannot be read"),
        (".pulumi/meta.yaml", "", 'corrupt store: missing version in ".pulumi/meta.yaml"', "meta.yaml is empty"),
    ],
)
def test_a_file_that_a_full_disk_cut_off_is_named_with_its_repair(
    say: Say, tmp_path: Path, file: str, content: str, words: str, message: str
) -> None:
    """`words` are the engine's for such a file, as pulumi 3.259.0 prints them."""
    state = tmp_path / "a state"
    (state / file).parent.mkdir(parents=True)
    (state / file).write_text(content)
    copy = state / ".pulumi/backups/gatewright/prod/prod.1795901748884763634.json"
    copy.parent.mkdir(parents=True)
    copy.write_text("{}")
    engine = say(text=f"error: {words}", code=255)
    engine = replace(engine, session=replace(engine.session, backend=f"file://{quote(str(state))}"))
    with pytest.raises(EngineError) as caught:
        engine.run("up")
    assert message in caught.value.message
    assert [note for note in lock_notes(engine) if message in note]
    subprocess.run(["sh", "-c", str(caught.value.hint)], check=True)
    assert list(find_unreadable(state)) == []
    assert lock_notes(engine) == ()


def test_a_full_disk_is_named_with_what_to_do(say: Say) -> None:
    words = "failed to save snapshot: (code=Unknown): write /a/prod.json.18ec9637f46580ef.tmp: no space left on device"
    with pytest.raises(EngineError, match="no space left on device") as caught:
        say(text=words, code=255).run("up")
    assert "make room, and run the command again" in str(caught.value.hint)


def test_an_unreadable_note_of_the_selected_stack_is_removed(say: Say, tmp_path: Path) -> None:
    workspace = tmp_path / "small-c0a856-workspace.json"
    workspace.touch()
    words = f"error: unable to read workspace settings: could not parse file {workspace}: {CUT_OFF}"
    with pytest.raises(EngineError, match="the engine's note of the selected stack") as caught:
        say(text=words, code=255).run("up")
    subprocess.run(["sh", "-c", str(caught.value.hint)], check=True)
    assert not workspace.exists()


UNREACHABLE = """\
error: unable to open state database "{}": failed to ping PostgreSQL: dial tcp 127.0.0.1:1: connect: connection refused
"""


@pytest.mark.parametrize(
    ("backend", "shown"),
    [
        ("postgres://ci:fake-password@db.test/state", "postgres://ci:****@db.test/state"),
        ("postgres://ci@db.test/state?password=fake-password&a=b", "postgres://ci@db.test/state?password=****&a=b"),
        ("postgres://ci@db.test/state", "postgres://ci@db.test/state"),
        ("s3://a-bucket?region=auto", "s3://a-bucket?region=auto"),
        ("postgres://ci@db.test/x?sslpassword=fake-password", "postgres://ci@db.test/x?sslpassword=****"),
        ("s3://b?endpoint=http://k:fake-password@minio.test", "s3://b?endpoint=http://k:****@minio.test"),
    ],
)
def test_an_unreachable_backend_is_shown_without_its_password(say: Say, backend: str, shown: str) -> None:
    engine = say(text=UNREACHABLE.format(backend), code=1)
    engine = replace(engine, session=replace(engine.session, backend=backend))
    with pytest.raises(EngineError) as caught:
        engine.run("up")
    assert f'"{shown}": failed to ping' in caught.value.message
    assert f"Check that {shown} is correct, reachable" in str(caught.value.hint)
    assert "fake-password" not in f"{caught.value.message}{caught.value.hint}"


def test_a_backend_that_is_taken_for_pulumi_cloud(say: Say) -> None:
    said = "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"
    with pytest.raises(EngineError, match="PULUMI_ACCESS_TOKEN") as caught:
        say(text=said, code=3).capture("stack", "ls")
    assert "docs/guides/backends.md" in str(caught.value.hint)


def test_an_existing_gateway_can_be_imported(say: Say) -> None:
    words = '400 Bad Request {"code": 7001, "message": "A gateway named agents already exists"}'
    with pytest.raises(EngineError, match="already exists") as caught:
        say(error(words, urn=URN), error("update failed"), code=1).run("up")
    assert caught.value.hint is not None
    assert "Import gateway agents: gatewright adopt prod" in caught.value.hint


def test_a_killed_engine_is_reported_first(say: Say, tmp_path: Path) -> None:
    engine = say(error("it is too long"), text="Updating (prod):\n @ updating....")
    program = tmp_path / "pulumi"
    program.write_text(program.read_text().replace("exit 0", "kill -9 $$"))
    engine = replace(engine, session=replace(engine.session, shell_prefix="enter; "))
    with pytest.raises(EngineError) as caught:
        engine.run("up")
    assert caught.value.message == "pulumi failed on stack prod: the engine was ended by Killed\nit is too long"
    assert "enter; pulumi cancel --yes --stack prod" in str(caught.value.hint)


def test_a_protected_resource_has_its_name_in_messages(say: Say) -> None:
    words = f'Preview failed: resource "{URN}" cannot be deleted\nbecause it is protected. To unprotect: `{URN}`'
    with pytest.raises(EngineError) as caught:
        say(error(words), error("preview failed"), code=1).run("preview")
    assert "gateway agents of stack prod is protected" in caught.value.message
    assert "urn:" not in caught.value.message
    assert "set protect: false, run gatewright up prod" in str(caught.value.hint)


def test_another_account_makes_the_file_invalid(say: Say) -> None:
    words = "gatewright:index:Account resource 'prod' has a problem: stack prod belongs to account a1, the environment"
    with pytest.raises(InvalidEnvironmentError, match="belongs to account a1, but its file declares b2"):
        say(error(f"{words} now says b2: everything"), code=1).run("preview")


def test_calls_with_the_same_response_are_reported_once(say: Say) -> None:
    refused = "Preview failed: Cloudflare refused the API token: GET /accounts/a/tokens"
    answers = [error(f"{refused}/{each} returned 401, No (1000)") for each in "ab"]
    ours = [
        error(f"Preview failed: Cloudflare answered 401 to GET /accounts/a/routes/{each}: No (1000)") for each in "ab"
    ]
    others = [error(f"POST /accounts/a/{each} returned 500, Later (1)") for each in ("tokens", "routes")]
    with pytest.raises(RefusedError) as caught:
        say(*answers, *ours, *others, error("preview failed"), code=1).run("preview")
    assert caught.value.message.splitlines()[1:] == [
        "Cloudflare answered 401 to 4 calls, such as GET /accounts/a/tokens/a: No (1000)",
        "Cloudflare answered 500 to 2 calls, such as POST /accounts/a/tokens: Later (1)",
    ]


def test_creations_that_a_killed_run_left_pending(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "state" / ".pulumi" / "stacks" / "gatewright" / "prod.json"
    file.parent.mkdir(parents=True)
    (tmp_path / "Pulumi.yaml").write_text("name: gatewright\n")
    engine = say()
    engine = replace(engine, session=replace(engine.session, backend=f"file://{tmp_path}/state?metadata=skip"))
    assert engine.interrupted_creations() == frozenset()
    assert interrupted_notes(engine) == ()
    resource = {"type": "cloudflare:index/aiGateway:AiGateway", "urn": URN}
    operations = [
        {"type": "creating", "resource": resource},
        {"type": "deleting", "resource": {**resource, "urn": "b"}},
    ]
    file.write_text(json.dumps({"checkpoint": {"latest": {"pending_operations": operations}}}))
    assert engine.interrupted_creations() == {("cloudflare:index/aiGateway:AiGateway", "agents")}
    assert interrupted_notes(engine) == ("a run was killed while it created gateway agents: up imports what exists",)
    file.write_text(json.dumps({"checkpoint": {"latest": {"pending_operations": [{"type": "creating"}, 1]}}}))
    assert engine.interrupted_creations() == frozenset()
    engine.forget_interrupted()
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("refresh --yes --skip-preview --clear-pending-creates --stack prod --target")
    assert "urn:pulumi:prod::gatewright::pulumi:pulumi:Stack::gatewright-prod" in asked


def failed_deletion(text: str) -> tuple[dict[str, Any], ...]:
    step = {"op": "delete", "type": "cloudflare:index/aiGateway:AiGateway", "urn": URN}
    return error(text, urn=URN), {"resOpFailedEvent": {"metadata": step}}


REFRESH_ONLY = "$(grep -q ^refresh asked; echo $?)"
"""The exit code 0 of a refresh, and 1 of everything else."""


def test_a_resource_that_is_deleted_already_is_dropped_from_the_state(say: Say, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="answered 404") as caught:
        say(*failed_deletion("DELETE /gateways/agents returned 404, not found"), code=REFRESH_ONLY).run("destroy")
    asked = (tmp_path / "asked").read_text().strip()
    assert asked == f"refresh --yes --skip-preview --non-interactive --stack prod --target {URN}"
    assert str(caught.value.hint).startswith("Run the command again: Cloudflare has no gateway agents any more")


@pytest.mark.parametrize(
    ("text", "code"), [("DELETE /gateways/agents returned 500, later", REFRESH_ONLY), ("DELETE /g returned 404", 1)]
)
def test_the_state_keeps_what_may_exist(say: Say, text: str, code: object) -> None:
    with pytest.raises(EngineError) as caught:
        say(*failed_deletion(text), code=code).run("destroy")
    assert caught.value.hint is None


def test_an_import_file_that_is_left_over(say: Say) -> None:
    with pytest.raises(EngineError) as caught:
        say(error("Preview failed: resource 'a1/agents' does not exist"), code=1).run("up")
    assert "delete that file" in str(caught.value.hint)
    assert "stacks/prod.import.json" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (["it broke", "an unhandled error occurred: program exited with non-zero exit code: 1"], "it broke"),
        (["update failed"], "update failed"),
    ],
)
def test_the_engines_additions_are_dropped(say: Say, said: list[str], shown: str) -> None:
    with pytest.raises(EngineError) as caught:
        say(*map(error, said), code=1).run("up")
    assert caught.value.message == f"pulumi failed on stack prod:\n{shown}"


STACKS = '[{"name": "dev"}, {"name": "prod"}]'


def test_an_existing_stack(say: Say) -> None:
    assert say(text=STACKS).has_stack()
    assert not say(text='[{"name": "dev"}]').has_stack()


def test_no_stack_has_no_resources(say: Say) -> None:
    assert say(text="[]").resources() == frozenset()


@pytest.mark.parametrize("text", ["{}", "null", ""])
def test_a_stack_without_outputs(say: Say, text: str) -> None:
    assert say(text=text or "{}").outputs() == {}


def test_a_command(say: Say, tmp_path: Path) -> None:
    assert say(text='{"tokens": {"agents": "fake"}}').outputs() == {"tokens": {"agents": "fake"}}
    asked = (tmp_path / "asked").read_text()
    assert "--non-interactive" in asked
    assert "--show-secrets" in asked


def test_a_command_that_fails(say: Say) -> None:
    with pytest.raises(NoStackError, match="prod is not deployed: its backend has no stack of that name"):
        say(text="error: no stack named 'prod' found", code=1).capture("stack")


def test_the_terminal_gets_the_exit_code(say: Say) -> None:
    assert say(code=3).run_in_terminal("up") == 3


@pytest.mark.parametrize("read", [Pulumi.has_stack, Pulumi.outputs], ids=lambda method: method.__name__)
def test_output_that_is_not_json_is_an_error_and_is_not_shown(say: Say, read: Callable[[Pulumi], object]) -> None:
    with pytest.raises(EngineError, match="printed 29 characters that are not JSON") as caught:
        read(say(text="warning: fake-secret-in-a-log"))
    assert "fake-secret" not in f"{caught.value.message} {caught.value.hint}"
