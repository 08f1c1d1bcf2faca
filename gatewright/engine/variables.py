"""The environment variables that the engine runs with: those of the local stack, or the user's."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import quote

import yaml

from gatewright import clock
from gatewright.command_line import command
from gatewright.engine.find import Engine
from gatewright.engine.launchers import user_pulumi_home
from gatewright.engine.passphrase import ensure_passphrase, passphrase_file
from gatewright.environment.references import DEPLOYING_TOKEN
from gatewright.errors import EngineError
from gatewright.facts.local_cloudflare import LOCAL_HOST
from gatewright.frozen import frozen
from gatewright.io.private import private_folder
from gatewright.io.untrusted import parse_json, read_regular_file
from gatewright.project import Project
from gatewright.redaction import HIDDEN, MIN_LENGTH, mask_urls, url_secrets

Variables = dict[str, str | None]
"""Variables to set; None for one that must not be set."""

PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105  # the variable's name
PASSPHRASE_FILE = "PULUMI_CONFIG_PASSPHRASE_FILE"  # noqa: S105
DEFAULT_STACK = "local"
"""The stack of `gatewright engine env` without a name."""
DEFAULT_PROVIDER = "default"
CLIENT_PREFIX = "CLOUDFLARE_AI_GATEWAY_"
"""The prefix of the clients' variables, which no program of the engine reads."""


@frozen
class Session:
    """The whole environment of an engine run, and a description of its backend and encryption."""

    environment: dict[str, str]
    backend: str
    """The URL of the state's backend; it may contain a password."""
    passphrase: str
    """What secrets are encrypted with: a variable's name, a file or a key service."""
    secrets_provider: str = DEFAULT_PROVIDER
    """The same for a new stack, as a value of the engine's --secrets-provider."""
    shell_prefix: str = ""
    """The prefix that a plain pulumi command for the same stack needs in the user's own shell; "" where it needs none.
    """

    @property
    def is_service(self) -> bool:
        """Whether the backend is Pulumi Cloud, or another server with its API."""
        return _is_service(self.backend)

    @property
    def backend_encrypts(self) -> bool:
        """Whether the backend is a service that holds the key itself."""
        return self.secrets_provider == DEFAULT_PROVIDER and self.is_service

    def mask(self, text: str) -> str:
        """`text` without the backend's passwords and keys: the engine's errors show the URL unmasked."""
        for value in sorted(url_secrets(self.backend), key=len, reverse=True):
            known = re.escape(value)
            text = re.sub(known if len(value) >= MIN_LENGTH else rf"(?<=[:=]){known}(?![\w.-])", HIDDEN, text)
        return mask_urls(text)


def file_backend(project: Project) -> str:
    """The default backend, without side-car files: a kill can leave an empty one, which breaks every stack."""
    return f"file://{quote(str(state_folder(project)))}?metadata=skip"


def state_folder(project: Project) -> Path:
    """The folder of the default backend."""
    return project.work / "state"


def local_variables(project: Project, engine: Engine, shell: Mapping[str, str]) -> Variables:
    """The variables of the local stack; None for those of `shell` that it must not see."""
    private_folder(project.work)
    private_folder(state_folder(project))
    cloudflares = [name for name in shell if name.startswith("CLOUDFLARE_") and not name.startswith(CLIENT_PREFIX)]
    return {
        **dict.fromkeys(cloudflares),
        **_engine_variables(project, engine, shell),
        PASSPHRASE: None,  # it overrides the file, even empty
        PASSPHRASE_FILE: str(ensure_passphrase(project)),
        "PULUMI_BACKEND_URL": file_backend(project),
        "PULUMI_HOME": str(project.pulumi_home),
        "PULUMI_STACK": DEFAULT_STACK,
    }


def local_session(project: Project, engine: Engine, stack: str) -> Session:
    """The session of a stack on the local Cloudflare."""
    variables = local_variables(project, engine, os.environ) | _fixed_time(os.environ)
    provider = _secrets_provider(project, stack)
    passphrase = str(variables[PASSPHRASE_FILE])
    environment = apply_variables(variables, os.environ)
    return Session(environment, file_backend(project), passphrase, provider, shell_prefix(stack))


def real_session(project: Project, engine: Engine, stack: str) -> Session:
    """The session of a stack on a real account: the user's PULUMI_HOME, backend and passphrase.

    Raises EngineError without a passphrase.
    """
    shell = _user_shell(project, os.environ)
    configured = _backend(project, shell)
    backend = configured or file_backend(project)
    variables = _real_variables(project, engine, shell) | _fixed_time(shell)
    provider = _secrets_provider(project, stack)
    encryption = _encryption(stack, provider, backend, shell)
    is_known = configured and engine.origin == "path"
    prefix = "" if is_known else shell_prefix(stack)
    return Session(apply_variables(variables, shell), backend, encryption, provider, prefix)


def shell_prefix(stack: str = DEFAULT_STACK) -> str:
    """The prefix that sets a shell up for plain pulumi commands on `stack`."""
    return f"{shell_setup(stack)}; "


def shell_setup(stack: str = DEFAULT_STACK) -> str:
    """The command that sets a shell up for plain pulumi on `stack`."""
    name = "" if stack == DEFAULT_STACK else f" {stack}"
    return f'eval "$({command(f"engine env{name}")})"'


def real_variables(project: Project, engine: Engine, stack: str, shell: Mapping[str, str]) -> Variables:
    """The variables that plain pulumi needs in `shell` for a stack on a real account; None for those of a local one."""
    own = _user_shell(project, shell)
    locals_own = dict.fromkeys(name for name in shell if name not in own)
    return {**locals_own, **_real_variables(project, engine, own), "PULUMI_STACK": stack}


def _real_variables(project: Project, engine: Engine, shell: Mapping[str, str]) -> Variables:
    variables = _engine_variables(project, engine, shell)
    if _backend(project, shell) is None:
        private_folder(project.work)
        private_folder(state_folder(project))
        variables["PULUMI_BACKEND_URL"] = file_backend(project)
    return variables


def apply_variables(variables: Variables, shell: Mapping[str, str]) -> dict[str, str]:
    """A copy of `shell` with `variables` set and unset."""
    kept = {name: value for name, value in shell.items() if name not in variables}
    return kept | {name: value for name, value in variables.items() if value is not None}


def with_deploying_token(shell: Mapping[str, str], variable: str, others: Collection[str] = ()) -> dict[str, str]:
    """A copy of `shell` whose only deploying token is that of `variable`; plugins read it as CLOUDFLARE_API_TOKEN.

    `others` are the variables of other environments' deploying tokens.
    """
    tokens = {variable, DEPLOYING_TOKEN, *others}
    kept = {name: value for name, value in shell.items() if name not in tokens}
    return kept | ({DEPLOYING_TOKEN: shell[variable].strip()} if variable in shell else {})


def shell_lines(variables: Variables) -> list[str]:
    """`variables` as lines for any sh."""
    return [
        f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
        for name, value in sorted(variables.items())
    ]


def _fixed_time(shell: Mapping[str, str]) -> Variables:
    """The current time, read once: the engine runs the program twice, for the preview and for the update."""
    return {clock.NOW: clock.format_timestamp(clock.now(shell))}


def _engine_variables(project: Project, engine: Engine, shell: Mapping[str, str]) -> Variables:
    """What every run of the engine needs."""
    return {
        "PATH": _path(project, engine, shell),
        "PULUMI_PYTHON_CMD": sys.executable,  # for a project without a virtual environment of its own
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "no_grpc_proxy": LOCAL_HOST,  # the program's gRPC would ask the shell's proxy for the engine on this machine
    }


def _path(project: Project, engine: Engine, shell: Mapping[str, str]) -> str:
    first = [str(engine.bin), str(project.bin)]
    folders = shell.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join([*first, *(folder for folder in folders if folder not in first)])


def _user_shell(project: Project, shell: Mapping[str, str]) -> dict[str, str]:
    """`shell` without what `engine env` has set in it."""
    locals_own = {
        PASSPHRASE_FILE: str(passphrase_file(project)),
        "PULUMI_BACKEND_URL": file_backend(project),
        "PULUMI_HOME": str(project.pulumi_home),
        "PULUMI_STACK": shell.get("PULUMI_STACK"),  # any value: the stack is always passed by name
    }
    return {name: value for name, value in shell.items() if locals_own.get(name) != value}


def _backend(project: Project, shell: Mapping[str, str]) -> str | None:
    """The backend that the user has configured by a variable or a login."""
    if url := shell.get("PULUMI_BACKEND_URL"):
        return url
    if shell.get("PULUMI_ACCESS_TOKEN"):
        return shell.get("PULUMI_API") or "https://api.pulumi.com"
    file = user_pulumi_home(project) / "credentials.json"
    try:
        credentials = parse_json(file.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise EngineError(f"{file} is not JSON: {error}", "pulumi logout --all, then pulumi login") from None
    current = credentials.get("current") if isinstance(credentials, dict) else None
    return current if isinstance(current, str) and current else None


def _is_service(backend: str) -> bool:
    return backend.startswith(("https://", "http://"))


def _encryption(stack: str, provider: str, backend: str, shell: Mapping[str, str]) -> str:
    """What the stack's secrets are encrypted with. Raises EngineError for an empty passphrase."""
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
        lack = f"{file}, named by {PASSPHRASE_FILE}, is empty or not a file"
    else:
        lack = f"neither {PASSPHRASE} nor {PASSPHRASE_FILE} is set"
    raise EngineError(
        f"stack {stack} would be encrypted with an empty passphrase: {lack}",
        f"unset {PASSPHRASE}; export {PASSPHRASE_FILE}=<a file of your own, mode 0600, with the passphrase>",
    )


def _secrets_provider(project: Project, stack: str) -> str:
    """The secrets provider in the stack's file."""
    try:
        data = yaml.safe_load(read_regular_file(project.stacks / f"Pulumi.{stack}.yaml").decode())
    except (FileNotFoundError, UnicodeDecodeError, yaml.YAMLError):  # the engine reports a broken file itself
        return DEFAULT_PROVIDER
    provider = data.get("secretsprovider") if isinstance(data, dict) else None
    return provider if isinstance(provider, str) and provider else DEFAULT_PROVIDER
