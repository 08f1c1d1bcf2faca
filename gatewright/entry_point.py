"""The program `gatewright`: answers `token` from its cache within milliseconds, and runs all else as commands."""

# ruff: noqa: PTH112, PTH113, PTH120, PTH118 - importing pathlib takes longer than the rest

from __future__ import annotations

import os
import sys
import time

_OPTIONS = {"--for": "client", "--project": "project"}


def main() -> None:
    """Run the command line and exit with a code of `ExitCode`."""
    if sys.argv[1:2] == ["token"] and answer_from_cache(sys.argv[2:]):
        return
    from gatewright.garbage import collect_rarely

    collect_rarely()  # before the imports, which create the most
    from gatewright.cli import main as run_command

    run_command()


def answer_from_cache(arguments: list[str]) -> bool:
    """Print the token that is asked for if a current cache has it. Prints nothing otherwise: the command explains."""
    request = _parse(arguments)
    root = _find_root(request.pop("project", os.curdir)) if request else None
    if root is None or sys.stdout is None or "GATEWRIGHT_NOW" in os.environ:
        return False
    from gatewright.token_cache import answer

    try:
        value = answer(root, request["environment"], request.get("name"), request.get("client"), time.time())
    except (OSError, ValueError, LookupError, TypeError):  # a cache of another version
        return False
    if value is None:
        return False
    sys.stdout.write(f"Bearer {value}\n" if "header" in request else f"{value}\n")
    return True


def _parse(arguments: list[str]) -> dict[str, str]:
    """The request; empty where only the command's own parser understands it."""
    request: dict[str, str] = {}
    names: list[str] = []
    words = iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if word == "--header":
            request["header"] = word
        elif option in _OPTIONS:
            request[_OPTIONS[option]] = value if equals else next(words, "")
        elif word.startswith("-"):
            return {}
        else:
            names.append(word)
    if not 1 <= len(names) <= 2 or ("client" in request and len(names) > 1) or "" in (*names, *request.values()):
        return {}
    return request | dict(zip(("environment", "name"), names, strict=False))


def _find_root(start: str) -> str | None:
    """The project that contains the folder `start`, as `Project.find` does."""
    try:
        folder = os.path.realpath(start)
    except OSError:
        return None
    while not (os.path.isfile(os.path.join(folder, "Pulumi.yaml")) and os.path.isdir(os.path.join(folder, "stacks"))):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder
