"""Registers resources with Pulumi's mocks, and keeps what a plugin would have got."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.engine_values import SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

Inputs = dict[str, Any]


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """A Cloudflare that takes everything as it comes, but for `dropped`; `groups` are its permission groups."""

    dropped: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    seen: dict[str, Inputs] = field(default_factory=dict)
    """What was registered, by type and name: `AiGateway all-of-it`."""
    asked: list[str] = field(default_factory=list)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.seen[f"{args.typ.rpartition(':')[2]} {args.name}"] = in_clear(args.inputs)
        outputs = {name: value for name, value in args.inputs.items() if name not in self.dropped}
        told = {"value": "fake-token", "sha256": "fake-digest", "cnameTarget": "fake-target", "status": "fake-status"}
        told |= {"storeId": "fake-store"} if args.typ.endswith(":SecretsStore") else {}
        return f"id of {args.name}", outputs | told

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self.asked.append(args.token)
        scopes = ["com.cloudflare.api.account"]
        return {"results": [{"name": name, "id": each, "scopes": scopes} for name, each in self.groups.items()]}, []


def in_clear(value: Any) -> Any:
    """`value` with its secrets opened."""
    match value:
        case dict() if SIGNATURE in value:
            return in_clear(value["value"])
        case dict():
            return {name: in_clear(inner) for name, inner in value.items()}
        case list():
            return [in_clear(inner) for inner in value]
        case _:
            return value


def registered(program: Callable[[], object], mocks: Recorder | None = None, **config: str) -> dict[str, Inputs]:
    """What `program` registers; `config` is the stack's. Raises what the program raises."""
    recorder = mocks or Recorder()
    pulumi.runtime.set_mocks(recorder, project="gatewright", stack="prod")
    pulumi.runtime.set_all_config({f"gatewright:{name}": value for name, value in config.items()})

    def run() -> None:
        program()

    pulumi.runtime.test(run)()  # type: ignore[no-untyped-call]
    return recorder.seen
