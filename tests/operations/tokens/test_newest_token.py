"""The newest token: from the cache while it is current, otherwise from the stack, which a fake stands for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gatewright.errors import EngineError, ExitCode, GatewrightError, NoStackError, UsageError
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.operations.tokens.newest_token import NewestToken, forget_tokens, newest_token, refresh_tokens
from gatewright.project import Project
from gatewright.token_cache import RECHECK, answer, cache_path
from gatewright.workspace import open_one

DECLARED: dict[str, Any] = {
    "account": "fa4eacc0" * 4,
    "providers": {"groq": {"key": {"env": "GROQ"}, "models": {"m": {}}}},
    "tokens": {"agents": {"rotate": {"every": "30d", "overlap": "7d"}}, "anna": {}},
    "clients": {"pi": {"token": "agents"}, "openclaw": {"token": "anna"}},
}
NOW, END = "2026-12-01T00:00:00Z", "2027-02-01T00:00:00Z"
START = 1_796_083_200


@dataclass
class FakeStack:
    """A stack with its state in `folder`, or elsewhere; `error` is raised when it is read."""

    folder: Path
    backend: str
    outputs_: dict[str, Any]
    error: GatewrightError | None = None
    reads: list[str] = field(default_factory=list)
    project_name: str = "gatewright"
    stack: str = "prod"

    @property
    def session(self) -> SimpleNamespace:
        return SimpleNamespace(backend=self.backend)

    def outputs(self) -> dict[str, Any]:
        self.reads.append(self.stack)
        if self.error:
            raise self.error
        return self.outputs_

    def save(self, **tokens: str) -> None:
        """A run that ends with these tokens."""
        self.outputs_ = {"tokens": tokens, "tokenExpiries": dict.fromkeys(tokens, END)}
        state = self.folder / ".pulumi" / "stacks" / "gatewright"
        state.mkdir(parents=True, exist_ok=True)
        new = state / "new"
        new.write_text(json.dumps([*tokens]) * (1 + len(self.reads)))
        new.replace(state / "prod.json")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    root = tmp_path / "project"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: gatewright\n")
    (root / "stacks" / "prod.yaml").write_text(json.dumps(DECLARED))
    return Project(root)


@pytest.fixture
def stack(project: Project, monkeypatch: pytest.MonkeyPatch) -> FakeStack:
    folder = project.root / "state"
    fake = FakeStack(folder, f"file://{folder}", {})
    fake.save(agents="fake-agents-1", anna="fake-anna-1")
    monkeypatch.setattr("gatewright.operations.tokens.newest_token.open_stack", lambda *_: fake)
    return fake


def ask(project: Project, name: str | None = "agents", client: str | None = None, now: str = NOW) -> NewestToken:
    return newest_token(project, "prod", name, client, {"GATEWRIGHT_NOW": now})


def answered(project: Project, name: str | None = "agents", client: str | None = None, now: int = START) -> str | None:
    return answer(str(project.root), "prod", name, client, now)


def refresh(project: Project, stack: FakeStack) -> None:
    refresh_tokens(project, open_one(project, "prod"), cast(Pulumi, stack), {"GATEWRIGHT_NOW": NOW})


def test_the_stack_is_read_once(project: Project, stack: FakeStack) -> None:
    assert ask(project) == ask(project) == NewestToken("fake-agents-1")
    assert ask(project, "anna").value == "fake-anna-1"
    assert ask(project, None, "openclaw").value == "fake-anna-1"
    assert len(stack.reads) == 1


def test_the_cache_answers_alone(project: Project, stack: FakeStack) -> None:
    assert answered(project) is None
    ask(project)
    assert [answered(project), answered(project, None, "openclaw")] == ["fake-agents-1", "fake-anna-1"]
    assert [answered(project, "other"), answered(project, None), answered(project, None, "codex")] == [None] * 3
    assert len(stack.reads) == 1


def test_nothing_is_in_clear(project: Project, stack: FakeStack) -> None:
    ask(project)
    assert stack.reads
    written = [path.read_bytes() for path in (project.root / ".gatewright").rglob("*") if path.is_file()]
    assert len(written) == 1
    assert b"fake-agents" not in written[0]
    assert b"agents" not in written[0]
    assert "fake" not in repr(ask(project))


def test_a_run_makes_the_cache_stale(project: Project, stack: FakeStack) -> None:
    ask(project)
    stack.save(agents="fake-agents-2", anna="fake-anna-1")
    assert answered(project) is None
    assert ask(project).value == "fake-agents-2"
    assert answered(project) == "fake-agents-2"


def test_up_refreshes_a_cache_that_exists(project: Project, stack: FakeStack) -> None:
    refresh(project, stack)
    assert stack.reads == []
    ask(project)
    stack.save(agents="fake-agents-2")
    refresh(project, stack)
    assert answered(project) == "fake-agents-2"


def test_a_changed_file_is_read_again_without_the_stack(project: Project, stack: FakeStack) -> None:
    ask(project)
    changed = {**DECLARED, "clients": {"pi": {"token": "anna"}, "openclaw": {"token": "anna"}}}
    (project.stacks / "prod.yaml").write_text(json.dumps(changed))
    assert answered(project) is None
    assert ask(project, None, "pi").value == "fake-anna-1"
    assert ask(project, None).value == "fake-anna-1"
    assert answered(project, None) == "fake-anna-1"
    assert len(stack.reads) == 1


def test_the_cache_ends_with_the_token(project: Project, stack: FakeStack) -> None:
    ask(project)
    end = START + 62 * 86_400
    assert [answered(project, now=end - 1), answered(project, now=end)] == ["fake-agents-1", None]
    with pytest.raises(GatewrightError, match="token agents of prod expired on 2027-02-01 00:00 UTC") as caught:
        ask(project, now=END)
    assert caught.value.hint == "Create its successor: gatewright up prod"
    assert len(stack.reads) == 2


def test_a_state_elsewhere_is_read_again_after_a_while(project: Project, stack: FakeStack) -> None:
    stack.backend = "s3://fake-bucket"
    ask(project)
    stack.outputs_["tokens"]["agents"] = "fake-agents-2"
    assert [answered(project, now=START + RECHECK - 1), answered(project, now=START + RECHECK)] == [
        "fake-agents-1",
        None,
    ]
    assert ask(project, now="2026-12-01T00:05:00Z").value == "fake-agents-2"


def test_an_environment_that_was_never_deployed(project: Project, stack: FakeStack) -> None:
    stack.error = EngineError("the passphrase is not set", "export it")
    with pytest.raises(NoStackError, match="prod was never deployed from this project: stacks/Pulumi") as caught:
        ask(project)
    assert caught.value.hint is not None
    assert "gatewright up prod" in caught.value.hint


def test_a_stack_that_cannot_be_opened(project: Project, stack: FakeStack) -> None:
    (project.stacks / "Pulumi.prod.yaml").write_text("encryptionsalt: fake\n")
    stack.error = EngineError("the passphrase is not set", "export it")
    with pytest.raises(EngineError) as caught:
        ask(project)
    message = "token agents is in stack prod, which cannot be opened: the passphrase is not set"
    assert (caught.value.message, caught.value.hint) == (message, "export it")
    assert caught.value.exit_code == ExitCode.FAILED


def test_a_valid_token_survives_a_stack_that_cannot_be_opened(project: Project, stack: FakeStack) -> None:
    ask(project)
    stack.save(agents="fake-agents-2")
    stack.error = EngineError("stack prod is locked")
    first = ask(project)
    assert first.value == "fake-agents-1"
    assert first.notes == ("token agents is from the cache, because stack prod cannot be opened: stack prod is locked",)
    assert answered(project, now=START + RECHECK - 1) == "fake-agents-1"
    assert answered(project, now=START + RECHECK) is None
    with pytest.raises(EngineError, match="cannot be opened: stack prod is locked"):
        ask(project, now=END)


def test_a_stack_that_is_gone_ends_the_cache(project: Project, stack: FakeStack) -> None:
    ask(project)
    stack.save(agents="fake-agents-2")
    stack.error = NoStackError("no stack named prod")
    with pytest.raises(NoStackError):
        ask(project)
    assert not Path(cache_path(str(project.root), "prod")).exists()
    forget_tokens(project, "prod")


def test_a_token_that_is_not_deployed_yet(project: Project, stack: FakeStack) -> None:
    stack.save(anna="fake-anna-1")
    with pytest.raises(GatewrightError, match="stack prod has no token agents yet") as caught:
        ask(project)
    assert caught.value.hint == "gatewright up prod"


@pytest.mark.parametrize(
    ("token", "client", "message", "hint"),
    [
        ("agnets", None, "prod has no token agnets", "Did you mean agents?"),
        (None, "pie", "prod has no client pie", "Did you mean pi?"),
        (None, None, "prod has 2 tokens: agents, anna", "Choose one: gatewright token prod NAME"),
    ],
)
def test_which_token(
    project: Project, stack: FakeStack, token: str | None, client: str | None, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        ask(project, token, client)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert stack.reads == []


def test_a_cache_that_cannot_be_written(project: Project, stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "not/absolute")
    assert stack.reads == []
    newest = ask(project)
    assert newest.value == "fake-agents-1"
    assert newest.notes == (
        "the token is not cached, and each request opens the stack: this user has no home folder for the key",
    )


def test_a_moved_project_reads_the_stack(project: Project, stack: FakeStack) -> None:
    ask(project)
    moved = project.root.rename(project.root.with_name("moved"))
    assert answer(str(moved), "prod", "agents", None, START) is None
    assert stack.reads
    assert [path.name for path in (moved / ".gatewright" / "tokens").iterdir()] == ["prod.sealed"]
