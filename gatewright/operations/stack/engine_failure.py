"""The error of a failed engine run: in gatewright's words where the cause is known, in the engine's otherwise."""

from __future__ import annotations

import re
import shlex
import signal
from typing import TYPE_CHECKING, Any

from gatewright.command_line import command
from gatewright.engine.state import backend_folder, describe_lock, find_locks, find_unreadable, unlock_command
from gatewright.errors import EngineError, GatewrightError, NoStackError, RefusedError
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.request_permissions import permissions_in
from gatewright.facts.resource_names import resource_name
from gatewright.workspace import another_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.engine.variables import Session

    Diagnostic = dict[str, Any]

BACKENDS = "docs/guides/backends.md"
_UNREACHABLE = re.compile(r'unable to open state |read "\.pulumi/meta\.yaml"|could not list bucket')
"""The engine cannot read the backend."""
_REFUSED = re.compile(
    r"(?:answered|returned) 40[13]\b|refused the API token|Invalid request headers|apiToken must be"
    r"|\b(?:401 Unauthorized|403 Forbidden)\b"
)
"""Cloudflare refuses the token, as our plugin, the stand-in and the official plugin report it."""
_CALL = re.compile(
    r"(?:Cloudflare answered (?P<status>\d{3}) to (?P<call>[A-Z]+ [^\s:]+)"
    r"|(?:Cloudflare refused the API token: )?(?P<stand_in_call>[A-Z]+ \S+) returned (?P<stand_in_status>\d{3}))"
    r"[:,]?(?P<reason>.*)"
)
"""The response to an API call, as our plugin and as the stand-in report it."""
_NOT_IMPORTED = re.compile(r"resource '[^']+' does not exist")
"""The engine finds no resource to import."""
_UNREADABLE = re.compile(r"unexpected end of JSON input|failed to load checkpoint|corrupt store|invalid character '")
"""A file of the backend, or of the engine's home, is empty or cut off."""
_WORKSPACE = re.compile(r"could not parse file (?P<file>/.*?-workspace\.json)")
_MISSING = re.compile(r"\b404\b")
_NOISE = re.compile(
    r"(?:preview|update|refresh|destroy) failed"
    r"|an unhandled error occurred: program exited with non-zero exit code: \d+"
    r"|error: an unhandled error occurred: .*exit code: \d+"
)
"""Lines that the engine adds to every failure."""
_PROTECTED = re.compile(r'resource "(?P<urn>urn:[^"]+)" cannot be deleted\s+because it is protected')
_OTHER_ACCOUNT = re.compile(r"belongs to account (?P<old>\S+), the environment now says (?P<new>[^\s:]+)")


def engine_error(
    events: Sequence[dict[str, Any]], output: str, code: int, stack: str, session: Session
) -> GatewrightError:
    """The error of a run that ended with `code`: from its diagnostics, or from its output where there are none."""
    diagnostics = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    errors = [strip_markup(each["message"]) for each in diagnostics if each.get("severity") == "error"]
    lines = list(_fold(dict.fromkeys(line for message in errors for line in message.splitlines() if line.strip())))
    if code < 0:
        text = "\n".join([_describe_exit(code), *lines])
        unlock = unlock_command(stack, session.shell_prefix)
        hint = f"If this left a lock, which blocks every up, unlock the stack: {unlock}"
        return EngineError(f"pulumi failed on stack {stack}: {session.mask(text)}", hint)
    text = session.mask("\n".join(lines) or strip_markup(output).strip() or _describe_exit(code))
    known = _environment_error("\n".join(errors), stack) or _cloudflare_error(text, diagnostics, stack)
    return known or _stack_error(text, stack, session)


def deleted_already(events: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """The URNs of the resources that a run failed to delete because Cloudflare does not have them any more.

    The response to an earlier deletion was lost, or somebody else deleted them. Every later run would fail the same
    way: Cloudflare's provider takes the 404 of a deletion for an error.
    """
    failed: set[str] = set()
    missing: set[str | None] = set()
    for event in events:
        step = event.get("resOpFailedEvent", {}).get("metadata", {})
        if step.get("op") == "delete":
            failed.add(step["urn"])
        diagnostic = event.get("diagnosticEvent", {})
        if diagnostic.get("severity") == "error" and _MISSING.search(diagnostic["message"]):
            missing.add(diagnostic.get("urn"))
    return tuple(sorted(failed & missing))


def strip_markup(text: str) -> str:
    """`text` without the engine's colour marks: <{%fg 1%}>."""
    return re.sub(r"<\{%.*?%\}>", "", text)


def _environment_error(text: str, stack: str) -> GatewrightError | None:
    """The error where the environment's file asks for something that may not happen."""
    if moved := _OTHER_ACCOUNT.search(text):
        return another_account(stack, moved["old"], moved["new"])
    if protected := dict.fromkeys(name_of(each["urn"]) for each in _PROTECTED.finditer(text)):
        return EngineError(
            f"{', '.join(protected)} of stack {stack} is protected, and stacks/{stack}.yaml would delete it. "
            "A new name deletes it too: its logs and its name would be lost",
            f"To delete it nevertheless: undo the change, set protect: false, run {command(f'up {stack}')}, "
            "then change the file again",
        )
    return None


def _cloudflare_error(text: str, diagnostics: Iterable[Diagnostic], stack: str) -> GatewrightError | None:
    hint = None
    if gateway := next(filter(None, map(_existing_gateway, diagnostics)), None):
        adopt = command(f"adopt {stack}")
        hint = f"Import gateway {gateway}: {adopt}; or delete it there, or choose another name"
    elif "secret_name_already_exists" in text:  # its creation was never answered
        hint = f"Run {command(f'up {stack}')} again: it imports the secret, and sets the key's value"
    elif "already exists" in text:  # left by a run that was killed, or created by others
        hint = f"Import what exists: {command(f'adopt {stack}')}, then up again"
    elif _REFUSED.search(text):
        names = " and ".join(permissions_in(text)).rstrip(",")
        lists = f"{command(f'permissions {stack}')} lists all that it needs"
        hint = f"Does the deploying token have {names}? {lists}" if names else f"Is the deploying token active? {lists}"
        return RefusedError(f"pulumi failed on stack {stack}, refused by Cloudflare:\n{text}", hint)
    return EngineError(f"pulumi failed on stack {stack}:\n{text}", hint) if hint else None


def _stack_error(text: str, stack: str, session: Session) -> GatewrightError:
    """The error where the state, its backend or its encryption is the cause, or where no cause is known."""
    backend, hint = session.mask(session.backend), None
    if _UNREADABLE.search(text):
        return _unreadable_error(text, stack, session)
    if "currently locked" in text:
        unlock = unlock_command(stack, session.shell_prefix)
        locks = find_locks(session.backend, stack)
        hint = "; ".join(describe_lock(stack, lock, unlock) for lock in locks) or (
            f"If that run has ended, for example because it was killed, unlock the stack: {unlock}"
        )
    elif "no space left on device" in text:
        hint = "The disk is full: make room, and run the command again, which restores the state if it was cut off"
    elif "no stack named" in text:
        hint = (
            f"{command(f'up {stack}')} creates it; if it is in another backend, see which one this is: "
            f"{session.shell_prefix}pulumi whoami --verbose"
        )
        return NoStackError(f"{stack} is not deployed: its backend has no stack of that name", hint)
    elif "PULUMI_ACCESS_TOKEN must be set" in text:
        hint = f"The engine takes {backend} for Pulumi Cloud: export PULUMI_ACCESS_TOKEN=…, or see {BACKENDS}"
    elif _UNREACHABLE.search(text):
        hint = f"Check that {backend} is correct, reachable, and that you may use it. Other backends: {BACKENDS}"
    elif _NOT_IMPORTED.search(text):
        hint = f"If stacks/{stack}.import.json lists it, delete that file: an import is needed only once"
    elif "incorrect passphrase" in text:
        variables = "PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE"
        hint = f"Use the passphrase that {stack} was created with: {variables}"
    return EngineError(f"pulumi failed on stack {stack}:\n{text}", hint)


def _unreadable_error(text: str, stack: str, session: Session) -> GatewrightError:
    """The error where the engine cannot read a file of its own: which one, and the command that repairs it."""
    folder = backend_folder(session.backend)
    faults = list(find_unreadable(folder)) if folder else []
    if workspace := _WORKSPACE.search(text):
        fixes = [f"rm {shlex.quote(workspace['file'])}"]
        lines = ["the engine's note of the selected stack cannot be read; nothing else is in it"]
    else:
        lines, fixes = [fault.message for fault in faults], [fault.fix for fault in faults]
    hint = " && ".join(fixes) or f"See what is wrong with the state in {session.mask(session.backend)}: {BACKENDS}"
    return EngineError("\n".join((f"pulumi failed on stack {stack}:", text, *lines)), hint)


def _fold(lines: Iterable[str]) -> Iterator[str]:
    """`lines` without the engine's additions; calls with the same response become one line."""
    stripped = [line.removeprefix("Preview failed: ") for line in lines]
    calls_by_response: dict[tuple[str, ...], list[str]] = {}
    response: tuple[str, ...]
    for line in [line for line in stripped if not _NOISE.fullmatch(line)] or stripped:
        call = _CALL.fullmatch(line)
        response = (call["status"] or call["stand_in_status"], call["reason"]) if call else (line,)
        calls_by_response.setdefault(response, []).append((call["call"] or call["stand_in_call"]) if call else line)
    for response, calls in calls_by_response.items():
        if len(response) == 1:
            yield calls[0]
        else:
            status, reason = response
            to = calls[0] if len(calls) == 1 else f"{len(calls)} calls, such as {calls[0]}"
            yield f"Cloudflare answered {status} to {to}{reason and f':{reason}'}"


def _describe_exit(code: int) -> str:
    if code < 0:
        return f"the engine was ended by {signal.strsignal(-code) or f'signal {-code}'}"
    return f"the engine exited with code {code} and without output"


def name_of(urn: str) -> str:
    """`gateway agents-prod`, from a resource's URN."""
    kind, _, name = urn.rpartition("::")
    return f"{resource_name(kind.rpartition('$')[2])} {name}"


def _existing_gateway(diagnostic: Diagnostic) -> str | None:
    """The name of a gateway that could not be created because it exists."""
    kind, _, name = diagnostic.get("urn", "").rpartition("::")
    return name if kind.endswith(AI_GATEWAY.token) and "already exists" in diagnostic["message"] else None
