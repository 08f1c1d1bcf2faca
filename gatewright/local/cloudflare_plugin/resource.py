"""One resource of the table, as the engine plans, creates, reads, updates and deletes it."""

# ruff: noqa: ARG002 - a resource implements every call, whether it needs each argument or not

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gatewright.errors import EngineError
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.facts.schema import ResourceType, Write
from gatewright.local.cloudflare_plugin import wire
from gatewright.local.cloudflare_plugin.check import failures
from gatewright.local.cloudflare_plugin.plan import plan, planned_diff
from gatewright.local.cloudflare_plugin.policies import restore_order
from gatewright.local.cloudflare_plugin.state import inputs_from, mark_secrets, properties, to_state
from gatewright.plugin.resource import CheckFailure, Diff, ReadResult, Resource
from gatewright.plugin.values import Object, reveal_all

if TYPE_CHECKING:
    from gatewright.local.cloudflare_plugin.api import Api


class CloudflareResource(Resource):
    """A ResourceType behind the API, which `api` returns once the provider is configured."""

    def __init__(self, resource: ResourceType, api: Callable[[], Api]) -> None:
        self._type = resource
        self._api = api

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        return mark_secrets(self._type.fields, reveal_all(news)), failures(self._type.fields, reveal_all(news))

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        state = properties(outputs)
        return planned_diff(self._type.fields, state, plan(self._type.fields, properties(news), state))

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        planned = plan(self._type.fields, properties(inputs), {})
        if preview:
            return "", mark_secrets(self._type.fields, planned)
        result = self._call("POST", self._collection(planned), wire.create_body(self._type, planned))
        created = result[0] if self._type.wrapped else result
        outputs = self._ordered(wire.after_write(self._type.fields, planned, created), planned, created)
        return str(outputs[self._type.id_field]), to_state(self._type, outputs)

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        state = properties(outputs) or self._parse_import_id(resource_id)
        result = self._call("GET", self._item(state))
        if result is None or result.get("status") in self._type.gone:
            return None
        fresh = self._ordered(wire.after_read(self._type.fields, state, result), state, result)
        current = inputs_from(self._type.fields, fresh, properties(inputs) if outputs else None)
        inputs = mark_secrets(self._type.fields, current)
        return ReadResult(str(fresh[self._type.id_field]), inputs, to_state(self._type, fresh))

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        state = properties(outputs)
        planned = plan(self._type.fields, properties(news), state)
        if preview:
            return mark_secrets(self._type.fields, planned)
        method = "PATCH" if self._type.write is Write.CHANGED else "PUT"
        result = self._call(method, self._item(state), wire.update_body(self._type, planned, state))
        new = wire.after_write(self._type.fields, planned, result)
        kept = {field.name: state[field.name] for field in self._type.fields if field.unread and not field.settable}
        return to_state(self._type, self._ordered({**new, **kept}, planned, result))

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        state = properties(outputs)
        self._call("DELETE", self._item(state) + ("?force=true" if state.get("force") else ""))

    def _ordered(self, outputs: Object, before: Object, result: dict[str, Any]) -> Object:
        if self._type is not ACCOUNT_TOKEN:
            return outputs
        policies = wire.decode(self._type.field("policies"), result.get("policies"))
        return {**outputs, "policies": restore_order(policies, before.get("policies"))}

    def _collection(self, values: Object) -> str:
        return self._type.collection.format_map({name: quote(str(value), safe="") for name, value in values.items()})

    def _item(self, state: Object) -> str:
        return f"{self._collection(state)}/{quote(str(state[self._type.id_field]), safe='')}"

    def _parse_import_id(self, import_id: str) -> Object:
        names = [field.name for field in self._type.fields if field.in_path and field.required]
        prefix = f"{self._type.import_prefix}/" if self._type.import_prefix else ""
        parts = import_id.removeprefix(prefix).split("/")
        names.append(self._type.id_field)
        if len(parts) != len(names) or not import_id.startswith(prefix):
            form = prefix + "/".join(f"<{name}>" for name in names)
            raise EngineError(f"{import_id} is not an import id of {self._type.token}", f"write {form}")
        return dict(zip(names, parts, strict=True))

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        access = "Read" if method == "GET" else "Write"
        return self._api().call(method, path, body, permission=f"{self._type.permission} {access}")
