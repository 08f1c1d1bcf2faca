"""A stack that is not there yet, for a preview: made elsewhere, and gone again."""

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
def as_if_new(pulumi: Pulumi) -> Iterator[Pulumi]:
    """The same engine on an empty stack of that name, in a backend of its own that goes with the `with`.

    Neither the user's backend nor the stack's file under stacks/ is written: a new stack gets its salt in a copy.
    Raises EngineError, as for a passphrase that does not fit the file.
    """
    with TemporaryDirectory(prefix="gatewright-") as name:
        folder = Path(name)
        project = yaml.safe_load((pulumi.project.root / "Pulumi.yaml").read_text(encoding="utf-8"))
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": project["name"], "runtime": "python"}))
        copy = folder / f"Pulumi.{pulumi.stack}.yaml"
        own = pulumi.project.stacks / copy.name
        if own.is_file():
            shutil.copyfile(own, copy)
        state = folder / "state"
        state.mkdir()
        variables = {"PULUMI_BACKEND_URL": f"file://{state}?metadata=skip"}
        if pulumi.session.has_a_key_of_the_backend:  # there it makes one with the stack; here any will do
            variables |= {PASSPHRASE: token_hex()}
        session = replace(pulumi.session, environment=pulumi.session.environment | variables)
        elsewhere = replace(pulumi, session=session, config_file=copy)
        provider = ("--secrets-provider", session.secrets_provider)
        elsewhere.ask("-C", name, "stack", "init", pulumi.stack, "--no-select", *provider)
        yield elsewhere
