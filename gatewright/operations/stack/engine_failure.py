"""Why a run of the engine failed: in our words where they are known, else in its own, and what to do."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, Any

from gatewright.engine.state import unlock_command
from gatewright.errors import EngineError, GatewrightError, NoStackError, RefusedError
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.workspace import another_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.engine.variables import Session

    Diagnostic = dict[str, Any]

BACKENDS = "docs/guides/backends.md"
_UNREACHABLE = re.compile(r'unable to open state |read "\.pulumi/meta\.yaml"|could not list bucket')
"""How the engine says that it cannot get at where the state is kept."""
_REFUSED = re.compile(
    r"answered 40[13] to|Invalid request headers|apiToken must be|\b(?:401 Unauthorized|403 Forbidden)\b"
)
"""How our plugin, the stand-in, and the official one, say that Cloudflare wants another token."""
_CALL = re.compile(
    r"(?:Cloudflare answered (?P<status>\d{3}) to (?P<call>[A-Z]+ [^\s:]+)"
    r"|(?P<its_call>[A-Z]+ \S+) answered (?P<its_status>\d{3}))[:,]?(?P<why>.*)"
)
"""Any answer to a call: in our plugin's words, and in the stand-in's."""
_NOISE = re.compile(
    r"(?:preview|update|refresh|destroy) failed"
    r"|an unhandled error occurred: program exited with non-zero exit code: \d+"
    r"|error: an unhandled error occurred: .*exit code: \d+"
)
"""What the engine adds to any failure."""
_PROTECTED = re.compile(r'resource "(?P<urn>urn:[^"]+)" cannot be deleted\s+because it is protected')
_MOVED = re.compile(r"belongs to account (?P<has>\S+), the environment now says (?P<says>[^\s:]+)")


def failure(events: Sequence[dict[str, Any]], output: str, code: int, stack: str, session: Session) -> GatewrightError:
    """The error of a run that ended with `code`: by its diagnostics, or by its output where there are none."""
    said = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    errors = [plain(each["message"]) for each in said if each.get("severity") == "error"]
    lines = list(_folded(dict.fromkeys(line for message in errors for line in message.splitlines() if line.strip())))
    if code < 0:
        text = "\n".join([_ended(code), *lines])
        hint = (
            f"A lock may be left, which keeps every up away. To free the stack: {unlock_command(stack, session.enter)}"
        )
        return EngineError(f"pulumi failed on stack {stack}: {session.masked(text)}", hint)
    text = session.masked("\n".join(lines) or plain(output).strip() or _ended(code))
    found = _of_the_environment("\n".join(errors), stack) or _of_cloudflare(text, said, stack)
    return found or _of_the_stack(text, stack, session)


def plain(text: str) -> str:
    """Without the engine's colour marks: <{%fg 1%}>."""
    return re.sub(r"<\{%.*?%\}>", "", text)


def _of_the_environment(text: str, stack: str) -> GatewrightError | None:
    """What its file would have to say otherwise."""
    if moved := _MOVED.search(text):
        return another_account(stack, moved["has"], moved["says"])
    if protected := dict.fromkeys(_called(each["urn"]) for each in _PROTECTED.finditer(text)):
        return EngineError(
            f"{', '.join(protected)} of stack {stack}: protected, and what stacks/{stack}.yaml says now would delete "
            "it. To rename is to make anew and to delete: its logs and its name would be lost",
            f"If that is meant: take the change back, write protect: false, gatewright up {stack}; then make it",
        )
    return None


def _of_cloudflare(text: str, said: Iterable[Diagnostic], stack: str) -> GatewrightError | None:
    hint = None
    if gateway := next(filter(None, map(_taken_gateway, said)), None):
        hint = f"Take gateway {gateway} over: gatewright adopt {stack}; or delete it there, or choose another name"
    elif "already exists" in text:  # left by a run that was killed, or made by others
        hint = f"Take over what is there: gatewright adopt {stack}, then up again"
    elif _REFUSED.search(text):
        hint = f"What the deploying token needs: gatewright permissions {stack}"
        return RefusedError(f"pulumi failed on stack {stack}, refused by Cloudflare:\n{text}", hint)
    return EngineError(f"pulumi failed on stack {stack}:\n{text}", hint) if hint else None


def _of_the_stack(text: str, stack: str, session: Session) -> GatewrightError:
    """What is the matter with the state, where it is kept, and how it is encrypted; or with what nobody knows."""
    backend, hint = session.masked(session.backend), None
    if "currently locked" in text:
        hint = f"If that run is over (killed), free the stack: {unlock_command(stack, session.enter)}"
    elif "no stack named" in text:
        hint = (
            f"gatewright up {stack} makes it; or it is in another backend than this one: "
            f"{session.enter}pulumi whoami --verbose"
        )
        return NoStackError(f"pulumi failed on stack {stack}:\n{text}", hint)
    elif "PULUMI_ACCESS_TOKEN must be set" in text:
        hint = f"The engine takes {backend} for Pulumi Cloud: export PULUMI_ACCESS_TOKEN=…, or {BACKENDS}"
    elif _UNREACHABLE.search(text):
        hint = f"Is {backend} right, reachable, and yours to use? Others: {BACKENDS}"
    elif "incorrect passphrase" in text:
        hint = f"Use the one that {stack} was made with: PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE"
    return EngineError(f"pulumi failed on stack {stack}:\n{text}", hint)


def _folded(lines: Iterable[str]) -> Iterator[str]:
    """`lines` without what the engine adds to each; calls that had the same answer are one."""
    told = [line.removeprefix("Preview failed: ") for line in lines]
    alike: dict[tuple[str, ...], list[str]] = {}
    answer: tuple[str, ...]
    for line in [line for line in told if not _NOISE.fullmatch(line)] or told:
        call = _CALL.fullmatch(line)
        answer = (call["status"] or call["its_status"], call["why"]) if call else (line,)
        alike.setdefault(answer, []).append((call["call"] or call["its_call"]) if call else line)
    for answer, calls in alike.items():
        if len(answer) == 1:
            yield calls[0]
        else:
            status, why = answer
            to = calls[0] if len(calls) == 1 else f"{len(calls)} calls, such as {calls[0]}"
            yield f"Cloudflare answered {status} to {to}{why and f':{why}'}"


def _ended(code: int) -> str:
    if code < 0:
        return f"the engine was ended by {signal.strsignal(-code) or f'signal {-code}'}"
    return f"it ended with code {code} and no word"


def _called(urn: str) -> str:
    """`gateway agents-prod`, from the name that the engine has for it."""
    from gatewright.operations.plan.kinds import kind_of

    kind, _, name = urn.rpartition("::")
    return f"{kind_of(kind.rpartition('$')[2]).name} {name}"


def _taken_gateway(diagnostic: Diagnostic) -> str | None:
    """The name of the gateway that could not be made, since there is one: the plugin says it as Cloudflare does."""
    kind, _, name = diagnostic.get("urn", "").rpartition("::")
    return name if kind.endswith(AI_GATEWAY.token) and "already exists" in diagnostic["message"] else None
