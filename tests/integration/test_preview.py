"""preview and up on one stack: what is shown is what is done, nothing is written, no secret is told."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from gatewright.engine.passphrase import passphrase_file
from gatewright.shipped import SCHEMAS

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from pathlib import Path

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

OTEL = "a-fake-otel-header"
HAND = "a-fake-secret-put-there-by-hand"
EDITED: dict[str, Any] = {
    "use": ["workers-ai", "mistral", "groq", "openrouter", "nvidia"],
    "gateway": {
        "cache": {"ttl": "1h"},
        "logs": {"collect": False},
        "rateLimit": False,
        "otel": [{"url": "https://x.example/v1", "headers": {"team": {"env": "OTEL_TEAM"}}}],
    },
    "routes": {"fast": ["workers-ai/gpt-oss-20b", "groq/gpt-oss-20b"], "more": ["groq/gpt-oss-20b"]},
    "tokens": {"agents": {"allow": ["AI Gateway Run", "Workers AI Write"]}, "ci": {"allow": ["AI Gateway Read"]}},
    "clients": {"openclaw": {"token": "agents"}, "pi": {"token": "agents"}},
}
SCREEN = """\
local  11 changes, 6 risks

  ! 4 keys                      anthropic cerebras google-ai-studio openai · deleted
                                risk: calls that need it fail
  ! gateway agents-local        (stacks/local.yaml)
                                otel off → https://x.example/v1 with header team
                                rate limit 600 requests/minute → none
                                logs: collect true → false
                                cache off → 1h
                                risk: traces are sent to https://x.example/v1; the rate limit is removed; \
logs are turned off
  ! token agents                (stacks/local.yaml)
                                gains Workers AI Write (was: AI Gateway Run, Workers AI Read)
                                loses Workers AI Read
                                risk: gains Workers AI Write; loses Workers AI Read: requests that need it are refused
  ~ route fast                  (stacks/local.yaml)
                                workers-ai/gpt-oss-20b before groq/gpt-oss-20b
                                new version, no gap
  + route more                  groq/gpt-oss-20b  (stacks/local.yaml)
  + token ci                    may: AI Gateway Read · until DAY  (stacks/local.yaml)
  ~ file openclaw.json          LINES  (stacks/local.yaml)
  ~ file pi/models.json         LINES  (stacks/local.yaml)
  = 11 unchanged
"""


def test_what_is_shown_is_what_is_done(clone: Clone, tmp_path: Path) -> None:
    clone.exported["OTEL_TEAM"] = OTEL
    clone.gatewright("up")
    assert "local  no changes" in clone.gatewright("preview", "local")
    token = clone.outputs()["tokens"]["agents"]
    clone.declare(**EDITED)
    kept, saved = state(clone), tmp_path / "plan.json"

    said = clone.gatewright("preview", "local", "--save", str(saved), code=2)
    assert screen(said) == SCREEN
    shown = [said, clone.gatewright("preview", "local", "--diff", "--format", "text", code=2), saved.read_text()]
    whole = json.loads(clone.gatewright("preview", "local", "--format", "json", code=2))
    schema = json.loads((SCHEMAS / "preview.schema.json").read_text())
    for each in (whole, json.loads(saved.read_text())):
        jsonschema.Draft202012Validator(schema).validate(each)
    (planned,) = whole["environments"]
    drawn = next(each for each in planned["changes"] if each["name"] == "fast")["graphs"]
    assert drawn["before"].index("groq") < drawn["before"].index("gpt-oss-20b")
    assert drawn["after"].index("gpt-oss-20b") < drawn["after"].index("groq")
    shown.append(str(whole))
    assert state(clone) == kept
    assert not [each for each in (token, OTEL) if any(each in text for text in shown)]

    # another value of a secret is another plan, and so is another setting
    clone.exported["OTEL_TEAM"] = f"{OTEL}-2"
    told = clone.gatewright("up", "local", "--plan", str(saved), code=2)
    assert "with another value" in told
    assert f"{OTEL}-2" not in told
    clone.exported["OTEL_TEAM"] = OTEL
    clone.declare(**{**EDITED, "gateway": {**EDITED["gateway"], "cache": {"ttl": "2h"}}})
    assert "cache off → 2h" in clone.gatewright("up", "local", "--plan", str(saved), code=2)
    assert state(clone) == kept

    # the same plan is done, and it does just that
    clone.declare(**EDITED)
    seen = clone.seen()
    done = clone.gatewright("up", "local", "--plan", str(saved))
    assert "~ route fast                  workers-ai/gpt-oss-20b before groq/gpt-oss-20b · new version, no gap" in done
    assert clone.changing(seen) != []
    assert clone.gateway()["cache_ttl"] == 3600
    assert "local  no changes" in clone.gatewright("preview", "local")

    # a file edited by hand, and one that is not on this machine
    file = clone.project.out / "local" / "pi" / "auth.json"
    file.write_text(file.read_text().replace("$CLOUDFLARE_AI_GATEWAY_TOKEN", HAND))
    edited = clone.gatewright("preview", "local", "--diff", code=2)
    assert "~ file pi/auth.json           edited by hand, 2 lines" in edited
    assert HAND not in edited
    file.unlink()
    assert "· file pi/auth.json           not on this machine" in clone.gatewright("preview", "local")


def test_a_stack_that_is_not_there_is_not_made(clone: Clone) -> None:
    clone.gatewright("up")
    (clone.project.stacks / "fresh.yaml").write_text(
        (clone.project.stacks / "local.yaml").read_text() + "gateway: {name: agents-fresh}\n"
    )
    before = state(clone), {file.name for file in clone.project.stacks.iterdir()}
    said = clone.gatewright("preview", "local", "fresh", code=2)
    assert "+ gateway agents-fresh        cache off · 600 requests/minute · authenticated" in said
    assert "the stack does not exist yet; the first up creates it" in said
    assert "1 of 2 environments with changes" in said
    assert (state(clone), {file.name for file in clone.project.stacks.iterdir()}) == before


def test_the_program_in_the_process_of_the_command_and_in_one_of_its_own(clone: Clone) -> None:
    """The same plans and the same errors, before the first up and after it."""
    own = clone.project.root / "__main__.py"
    shipped = own.read_text()
    steps: tuple[tuple[str, dict[str, Any]], ...] = (("", {}), ("of a team", {}), ("of a team", EDITED), ("", EDITED))
    for team, declared in steps:
        clone.exported["OTEL_TEAM"] = team
        clone.declare(**declared)
        looks = []
        for program in (shipped, f"{shipped}pass  # so that it is no longer the one that `init` writes\n"):
            own.write_text(program)
            looks.append([document(clone, *command) for command in LOOKS])
        assert looks[0] == looks[1]
        own.write_text(shipped)
        if not declared and team:
            clone.gatewright("up")
    assert "OTEL_TEAM is set but empty" in looks[0][0][1]


LOOKS = (("preview", "local", "--format", "json"), ("drift", "local", "--format", "json"))


def document(clone: Clone, *command: str) -> tuple[int, str]:
    """The exit code of a command and its output, without what differs between any two runs of it."""
    done = clone.complete([str(clone.project.root / ".venv/bin/gatewright"), *command], clone.shell())
    return done.returncode, re.sub(r'"(seconds|now|time|createdAt)": [^,\n]*', "", done.stdout)


HELD = (
    "stack local is locked by a run (x@y, process 1, since 2026-11-24 00:00). If it has ended, unlock the stack: "
    'eval "$(.venv/bin/gatewright engine env)"; pulumi cancel --yes --stack local'
)


def test_what_is_in_the_way_of_a_look(clone: Clone) -> None:
    clone.gatewright("up")
    kept = state(clone)

    # a run that holds the lock keeps nobody from looking
    lock = clone.project.work / "state" / ".pulumi" / "locks" / "organization" / "gatewright" / "local" / "fake.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": 1, "username": "x", "hostname": "y", "timestamp": "2026-11-24T00:00:00Z"}))
    said = clone.gatewright("preview", "local")
    assert "no changes" in said
    assert HELD in said
    assert HELD in clone.gatewright("drift", "local")
    lock.unlink()

    own = passphrase_file(clone.project)
    right = own.read_text()
    own.write_text("another one")
    assert "incorrect passphrase" in clone.gatewright("preview", "local", code=1)
    file = clone.project.stacks / "Pulumi.local.yaml"  # not committed yet, as after a first deployment elsewhere
    salt = file.read_bytes()
    file.unlink()
    assert "incorrect passphrase" in clone.gatewright("preview", "local", code=1)
    own.write_text(right)
    clone.gatewright("preview", "local")
    assert not file.exists()
    file.write_bytes(salt)

    assert "environment nowhere does not exist" in clone.gatewright("preview", "nowhere", code=64)
    assert "name environments, or use --all" in clone.gatewright("preview", code=64)

    program = str(clone.project.root / ".venv/bin/gatewright")
    for ending, code in ((signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, 1)):
        assert interrupted(clone, program, ending) == code
    deadline = time.monotonic() + 10
    while left(clone) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left(clone) == [] or clone.pair.is_official  # the official host stays after a kill
    assert state(clone) == kept


def interrupted(clone: Clone, program: str, ending: signal.Signals) -> int:
    """The code of a preview that is interrupted, or of one whose engine is killed, in the middle."""
    with clone.process([program, "preview", "local"], clone.shell()) as process:
        deadline = time.monotonic() + 30
        while not (engines := [pid for pid, command in clone.processes().items() if "--event-log" in command]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.3)
        if ending is signal.SIGINT:
            os.killpg(process.pid, ending)  # as a terminal does
        elif ending is signal.SIGTERM:
            os.kill(process.pid, ending)  # as a runner of CI does
        else:
            os.kill(engines[0], ending)
        text, _ = process.communicate(timeout=60)
    assert clone.is_calm(text)
    if ending is signal.SIGKILL:
        assert "the engine was ended by Killed" in text
    return process.returncode


def left(clone: Clone) -> list[str]:
    """Processes of the clone other than its Cloudflare."""
    return [command for command in clone.processes().values() if "gatewright.local.server" not in command]


def state(clone: Clone) -> dict[str, str]:
    """Every file of the backend, history and backups too."""
    folder = clone.project.work / "state"
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def screen(text: str) -> str:
    """What stands on it, without where exactly in the file, how many lines, until when, and what goes to stderr."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("saved. ")]
    plain = re.sub(r"(stacks/local\.yaml):\d+:\d+", r"\1", "".join(lines))
    return re.sub(r"until \d{4}-\d\d-\d\d", "until DAY", re.sub(r"\d+ lines", "LINES", plain))
