"""Every registration of a program, as the engine gets it: type, parent, inputs, dependencies and options by URN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.rpc import serialize_properties

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

Registration = dict[str, Any]

PROJECT, STACK = "gatewright", "prod"  # as in other tests: the SDK keeps one stack for the process
LEFT_OUT = (
    *("sourcePosition", "stackTrace", "parentStackTraceHandle", "packageRef"),  # where in the program it is registered
    *("acceptResources", "acceptSecrets", "hooks", "supportsPartialValues", "supportsResultReporting"),  # the SDK's
)
OUTPUTS = {"value": "fake-token", "sha256": "fake-digest", "cnameTarget": "fake-target", "status": "fake-status"}


class Answers(pulumi.runtime.Mocks):
    """A Cloudflare that accepts everything; `functions` answers calls by their token."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self.functions = functions

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        store = {"storeId": "fake-store"} if args.typ.endswith(":SecretsStore") else {}
        return f"id of {args.name}", args.inputs | OUTPUTS | store

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        return self.functions[args.token], []


class Monitor(MockMonitor):
    """Keeps the requests of the program."""

    def __init__(self, mocks: Answers) -> None:
        super().__init__(mocks)
        self.registrations: dict[str, Registration] = {}
        self.outputs: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        message = MessageToDict(request)
        for name in LEFT_OUT:
            message.pop(name, None)
        message["dependencies"] = sorted(message.get("dependencies", ()))
        for dependencies in message.get("propertyDependencies", {}).values():
            dependencies.get("urns", []).sort()
        self.registrations[response.urn] = message
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.outputs[request.urn] = MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def registrations(
    program: Callable[[], dict[str, Any]], functions: dict[str, Any], config: dict[str, str], *, preview: bool
) -> dict[str, Registration]:
    """The registrations of `program` by URN, with the outputs of components; `exports` are what it returns."""
    answers = Answers(functions)
    monitor = Monitor(answers)
    pulumi.runtime.set_mocks(answers, project=PROJECT, stack=STACK, preview=preview, monitor=monitor)
    pulumi.runtime.set_all_config({f"{PROJECT}:{name}": value for name, value in config.items()})
    exports: list[Any] = []

    async def serialize(values: dict[str, Any]) -> None:
        exports.append(MessageToDict(await serialize_properties(values, {})))

    pulumi.runtime.test(lambda: serialize(program()))()  # type: ignore[no-untyped-call]
    for urn, outputs in monitor.outputs.items():
        monitor.registrations[urn]["outputs"] = outputs
    # whether the stack itself is registered depends on what ran before in the process
    found = {urn: value for urn, value in monitor.registrations.items() if value["type"] != "pulumi:pulumi:Stack"}
    result: dict[str, Registration] = _without_prefix({**found, "exports": exports[0]})
    return {urn: result[urn] for urn in sorted(result)}


def _without_prefix(value: Any) -> Any:
    """`value` with all URNs in it without what they have in common."""
    match value:
        case str():
            return value.removeprefix(f"urn:pulumi:{STACK}::{PROJECT}::")
        case dict():
            return {_without_prefix(key): _without_prefix(inner) for key, inner in value.items()}
        case list():
            return [_without_prefix(inner) for inner in value]
        case _:
            return value
