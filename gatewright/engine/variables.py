"""The variables that the engine runs with: the local stack's own world, or the user's."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import yaml

from gatewright import clock
from gatewright.engine.find import Engine
from gatewright.engine.launchers import users_pulumi_home
from gatewright.engine.passphrase import ensure_passphrase, passphrase_file
from gatewright.errors import EngineError
from gatewright.project import Project

Variables = dict[str, str | None]
"""What is set; None is what must not be set."""

PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105  # the variable's name
PASSPHRASE_FILE = "PULUMI_CONFIG_PASSPHRASE_FILE"  # noqa: S105
DEFAULT_PROVIDER = "default"
ENTER = 'eval "$(gatewright engine env)"; '
"""What stands before a command of plain pulumi for the local stack, or a state in this checkout."""
CLIENTS_OWN = "CLOUDFLARE_AI_GATEWAY_"
"""Variables of the clients, which no program of the engine reads."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the engine: its whole environment, and in words what it stands on."""

    environment: dict[str, str]
    backend: str
    """Where the state is kept, a URL; it may hold a password."""
    passphrase: str
    """What secrets are encrypted with: the name of a variable, a file, a key service."""
    secrets_provider: str = DEFAULT_PROVIDER
    """The same for a stack that is to be made, as the engine's --secrets-provider takes it."""
    enter: str = ""
    """What must stand before plain pulumi for the same stack in the user's own shell; nothing where that knows it."""

    @property
    def has_a_key_of_the_backend(self) -> bool:
        """Whether the backend itself, a service, holds the key."""
        return self.secrets_provider == DEFAULT_PROVIDER and _is_service(self.backend)

    def masked(self, text: str) -> str:
        """`text` without the backend's password: the engine's own errors show the URL as it is."""
        address = urlsplit(self.backend)
        _, _, password = address.netloc.rpartition("@")[0].partition(":")
        parameters = [each for each in address.query.split("&") if each.startswith("password=")]
        hidden = {f":{password}@": ":****@"} if password else {}
        for known, shown in (hidden | dict.fromkeys(parameters, "password=****")).items():
            text = text.replace(known, shown)
        return text


def file_backend(project: Project) -> str:
    """The default backend. Without side-car files: a kill can leave one that makes every stack unreadable."""
    return f"file://{quote(str(state_folder(project)))}?metadata=skip"


def state_folder(project: Project) -> Path:
    """The folder of the default backend."""
    return project.work / "state"


def local_variables(project: Project, engine: Engine, shell: Mapping[str, str]) -> Variables:
    """What the local stack needs, and what of `shell` it must not see."""
    state_folder(project).mkdir(parents=True, exist_ok=True)
    cloudflares = [name for name in shell if name.startswith("CLOUDFLARE_") and not name.startswith(CLIENTS_OWN)]
    return {
        **dict.fromkeys(cloudflares),
        PASSPHRASE: None,  # it would win over the file, even empty
        PASSPHRASE_FILE: str(ensure_passphrase(project)),
        "PATH": _path(engine, shell),
        "PULUMI_BACKEND_URL": file_backend(project),
        "PULUMI_HOME": str(project.pulumi_home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_STACK": "local",
    }


def local_session(project: Project, engine: Engine, stack: str) -> Session:
    """A run on a stack of this machine."""
    variables = local_variables(project, engine, os.environ) | _one_moment(os.environ)
    provider = _secrets_provider(project, stack)
    passphrase = str(variables[PASSPHRASE_FILE])
    return Session(applied(variables, os.environ), file_backend(project), passphrase, provider, ENTER)


def session(project: Project, engine: Engine, stack: str) -> Session:
    """A run on a real stack: the user's PULUMI_HOME, backend and passphrase. Raises EngineError without one."""
    shell = _users_own(project, os.environ)
    chosen = _backend(project, shell)
    backend = chosen or file_backend(project)
    variables = _real_variables(project, engine, shell) | _one_moment(shell)
    provider = _secrets_provider(project, stack)
    encryption = _encryption(stack, provider, backend, shell)
    is_known = chosen and engine.origin == "path"
    enter = "" if is_known else f'eval "$(gatewright engine env {stack})"; '
    return Session(applied(variables, shell), backend, encryption, provider, enter)


def real_variables(project: Project, engine: Engine, stack: str, shell: Mapping[str, str]) -> Variables:
    """What plain pulumi needs for a real stack in `shell`, and what it must not keep of a local one's."""
    own = _users_own(project, shell)
    locals_own = dict.fromkeys(name for name in shell if name not in own)
    return {**locals_own, **_real_variables(project, engine, own), "PULUMI_STACK": stack}


def _real_variables(project: Project, engine: Engine, shell: Mapping[str, str]) -> Variables:
    variables: Variables = {"PATH": _path(engine, shell), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    if _backend(project, shell) is None:
        state_folder(project).mkdir(parents=True, exist_ok=True)
        variables["PULUMI_BACKEND_URL"] = file_backend(project)
    return variables


def applied(variables: Variables, shell: Mapping[str, str]) -> dict[str, str]:
    """`shell` with `variables` set and unset."""
    kept = {name: value for name, value in shell.items() if name not in variables}
    return kept | {name: value for name, value in variables.items() if value is not None}


def shell_lines(variables: Variables) -> list[str]:
    """The same as lines for any sh: `eval "$(gatewright engine env)"`."""
    return [
        f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
        for name, value in sorted(variables.items())
    ]


def _one_moment(shell: Mapping[str, str]) -> Variables:
    """The clock, read once: the engine runs the program twice, for the preview and for the change."""
    return {clock.NOW: clock.moment(clock.now(shell))}


def _path(engine: Engine, shell: Mapping[str, str]) -> str:
    folders = shell.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join([str(engine.bin), *(folder for folder in folders if folder != str(engine.bin))])


def _users_own(project: Project, shell: Mapping[str, str]) -> dict[str, str]:
    """`shell` as it was before `engine env` was evaluated in it."""
    locals_own = {
        PASSPHRASE_FILE: str(passphrase_file(project)),
        "PULUMI_BACKEND_URL": file_backend(project),
        "PULUMI_HOME": str(project.pulumi_home),
        "PULUMI_STACK": shell.get("PULUMI_STACK"),  # whichever: the stack is always named
    }
    return {name: value for name, value in shell.items() if locals_own.get(name) != value}


def _backend(project: Project, shell: Mapping[str, str]) -> str | None:
    """The backend that the user has chosen: a variable, or a login."""
    if url := shell.get("PULUMI_BACKEND_URL"):
        return url
    if shell.get("PULUMI_ACCESS_TOKEN"):
        return shell.get("PULUMI_API") or "https://api.pulumi.com"
    file = users_pulumi_home(project) / "credentials.json"
    try:
        credentials = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise EngineError(f"{file} is not JSON: {error}", "pulumi logout --all, then pulumi login") from None
    current = credentials.get("current") if isinstance(credentials, dict) else None
    return current if isinstance(current, str) and current else None


def _is_service(backend: str) -> bool:
    return backend.startswith(("https://", "http://"))


def _encryption(stack: str, provider: str, backend: str, shell: Mapping[str, str]) -> str:
    """What the stack's secrets are encrypted with. Raises EngineError when that would be an empty passphrase."""
    if provider not in {DEFAULT_PROVIDER, "passphrase"}:
        return provider
    if _is_service(backend) and provider != "passphrase":
        return f"the key of {backend}"
    file = Path(shell[PASSPHRASE_FILE]) if shell.get(PASSPHRASE_FILE) else None
    if PASSPHRASE in shell:
        if shell[PASSPHRASE].strip():
            return PASSPHRASE
        lack = f"{PASSPHRASE} is empty"
    elif file:
        if file.is_file() and file.read_bytes().strip():
            return str(file)
        lack = f"{file}, named by {PASSPHRASE_FILE}, is empty or no file"
    else:
        lack = f"neither {PASSPHRASE} nor {PASSPHRASE_FILE} is set"
    raise EngineError(
        f"stack {stack} would be encrypted with an empty passphrase: {lack}",
        f"unset {PASSPHRASE}; export {PASSPHRASE_FILE}=<a file of your own, mode 0600, with the passphrase>",
    )


def _secrets_provider(project: Project, stack: str) -> str:
    """What the stack's file says about encryption."""
    try:
        data = yaml.safe_load((project.stacks / f"Pulumi.{stack}.yaml").read_text())
    except (FileNotFoundError, UnicodeDecodeError, yaml.YAMLError):  # what is broken there the engine says itself
        return DEFAULT_PROVIDER
    provider = data.get("secretsprovider") if isinstance(data, dict) else None
    return provider if isinstance(provider, str) and provider else DEFAULT_PROVIDER
