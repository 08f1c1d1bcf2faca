"""The inputs that a program registers, by Pulumi's mocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.engine_values import SIGNATURE
from gatewright.facts.resources import RESOURCES
from gatewright_components.stack_state import READ_STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

Inputs = dict[str, Any]


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """A Cloudflare that stores all inputs except `dropped`; `groups` are its permission groups."""

    dropped: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    resources: dict[str, Inputs] = field(default_factory=dict)
    """Inputs by type and name: `AiGateway all-of-it`."""
    calls: list[str] = field(default_factory=list)
    state: Mapping[str, str] = field(default_factory=dict)
    """Ids in the stack's state, by type and name."""

    imported: dict[str, str] = field(default_factory=dict)
    """Import ids, by type and name."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.resource_id:
            self.imported[f"{args.typ.rpartition(':')[2]} {args.name}"] = args.resource_id
        self.resources[f"{args.typ.rpartition(':')[2]} {args.name}"] = in_clear(args.inputs)
        outputs = {name: value for name, value in args.inputs.items() if name not in self.dropped}
        computed = {
            "value": "fake-token",
            "sha256": "fake-digest",
            "cnameTarget": "fake-target",
            "status": "fake-status",
        }
        computed |= {"storeId": "fake-store"} if args.typ.endswith(":SecretsStore") else {}
        return f"id of {args.name}", outputs | computed

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self.calls.append(args.token)
        if args.token == READ_STATE:
            return self.recorded(), []
        scopes = ["com.cloudflare.api.account"]
        return {"results": [{"name": name, "id": group, "scopes": scopes} for name, group in self.groups.items()]}, []

    def recorded(self) -> dict[str, Any]:
        """The state, as the engine returns it."""
        types = {type_.rpartition(":")[2]: type_ for type_ in RESOURCES}
        return {
            "outputs": {
                f"urn:pulumi:prod::gatewright::{resource.replace(' ', '::')}": {
                    "type": types[resource.partition(" ")[0]],
                    "outputs": {"id": id_},
                }
                for resource, id_ in self.state.items()
            }
        }


def in_clear(value: Any) -> Any:
    """`value` with the values of its secrets."""
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
    """The inputs that `program` registers, by type and name; `config` is the stack's. Raises its exceptions."""
    recorder = mocks or Recorder()
    pulumi.runtime.set_mocks(recorder, project="gatewright", stack="prod")
    pulumi.runtime.set_all_config({f"gatewright:{name}": value for name, value in config.items()})

    def run() -> None:
        program()

    pulumi.runtime.test(run)()  # type: ignore[no-untyped-call]
    return recorder.resources
