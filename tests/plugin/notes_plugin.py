"""A small provider that the tests start as a process: notes kept in memory."""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

from gatewright.errors import RefusedError
from gatewright.plugin.provider import Provider, run
from gatewright.plugin.resource import CheckFailure, Diff, ReadResult, Resource, compare
from gatewright.plugin.values import Object, Secret


class Note(Resource):
    def __init__(self) -> None:
        self.kept: dict[str, Object] = {}

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        missing = [CheckFailure(name, f"{name} is required") for name in ("text", "colour") if name not in news]
        return {"pinned": False, **news}, missing

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        return compare(old_inputs, news, replace=["colour"])

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if inputs["text"] == "refused":
            raise RefusedError("this note may not be kept", "write another")
        self.kept["n1"] = inputs
        return ("", inputs) if preview else ("n1", {**inputs, "seal": Secret("wax")})

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        kept = self.kept.get(resource_id)
        return None if kept is None else ReadResult(resource_id, kept, kept)

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        self.kept[resource_id] = news
        return news

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        del self.kept[resource_id]


class Notes(Provider):
    name = "notes"
    version = "0.1.0"

    def __init__(self) -> None:
        self.resources = {"notes:index:Note": Note()}
        self.functions = {"notes:index:echo": lambda arguments: arguments}


if __name__ == "__main__":
    run(Notes())
