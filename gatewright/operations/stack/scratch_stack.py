"""A temporary stack, to preview one that does not exist yet."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import yaml

from gatewright.engine.variables import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.stack.pulumi import Pulumi


@contextmanager
def scratch_stack(pulumi: Pulumi) -> Iterator[Pulumi]:
    """Yield the engine on an empty stack of the same name, in a temporary backend that is deleted on exit.

    Changes neither the user's backend nor the stack's file in stacks/: a new stack writes its salt to a copy.
    Raises EngineError, as for a passphrase that does not match the file.
    """
    with TemporaryDirectory(prefix="gatewright-") as name:
        folder = Path(name)
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": pulumi.project_name, "runtime": "python"}))
        copy = folder / f"Pulumi.{pulumi.stack}.yaml"
        own = pulumi.project.stacks / copy.name
        if own.is_file():
            shutil.copyfile(own, copy)
        state = folder / "state"
        state.mkdir()
        variables = {"PULUMI_BACKEND_URL": f"file://{state}?metadata=skip"}
        if pulumi.session.backend_encrypts:  # a folder needs a passphrase instead; any will do for a preview
            variables |= {PASSPHRASE: token_hex()}
        session = replace(pulumi.session, environment=pulumi.session.environment | variables)
        scratch = replace(pulumi, session=session, config_file=copy)
        provider = ("--secrets-provider", session.secrets_provider)
        scratch.capture("-C", name, "stack", "init", pulumi.stack, "--no-select", *provider)
        yield scratch
