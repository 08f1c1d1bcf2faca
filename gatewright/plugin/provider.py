"""A provider as the engine calls it, over classes without gRPC.

    class Notes(Provider):
        name, version = "notes", "0.1.0"
        resources = {"notes:index:Note": Note()}
        functions = {"notes:index:count": count}     # Object -> Object

    if __name__ == "__main__":
        run(Notes())

`run` serves it until the engine ends the process. `configure` gets the checked provider config once, before the first
resource. For types and values see `gatewright.plugin.resource` and `gatewright.plugin.values`.
"""

# ruff: noqa: N802, ARG002 - the methods have the names and arguments of the protocol

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty

from gatewright.plugin import protos
from gatewright.plugin.protos import plugin_pb2
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.resource import CheckFailure, Diff, Resource, compare
from gatewright.plugin.rpc_errors import rpc_errors
from gatewright.plugin.serve import serve
from gatewright.plugin.values import from_struct, to_struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.plugin.values import Object

    Context = grpc.ServicerContext


class Provider:
    """A provider: its name, its version, and its resources and functions by their tokens.

    A provider that does not accept secrets gets plain values, and the engine marks outputs whose inputs are secret.
    """

    name: str
    version: str
    resources: Mapping[str, Resource]
    functions: Mapping[str, Callable[[Object], Object]] = {}
    accepts_secrets: bool = True

    def schema(self) -> dict[str, Any]:
        """The package's schema. Name and version suffice for programs that register resources by their tokens."""
        return {"name": self.name, "version": self.version}

    def check_config(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        """The provider's config with defaults, and all failures."""
        return news, []

    def diff_config(self, urn: str, olds: Object, news: Object) -> Diff:
        """The differences of the config. A replacement here replaces every resource of the provider."""
        return compare(olds, news)

    def configure(self, config: Object) -> None:
        """Take the checked config, which may hold UNKNOWN in a preview."""


def run(provider: Provider) -> None:
    """Serve `provider` until the engine ends this process; does not return."""
    serve(lambda server: protos.provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider), server))


class Servicer(protos.provider_pb2_grpc.ResourceProviderServicer):
    """The gRPC service of a Provider, with the methods of the protocol."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def Handshake(self, request: Any, context: Context) -> rpc.ProviderHandshakeResponse:
        return rpc.ProviderHandshakeResponse(accept_secrets=self._provider.accepts_secrets)

    def GetPluginInfo(self, request: Any, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def Attach(self, request: Any, context: Context) -> Empty:
        return Empty()

    def Cancel(self, request: Any, context: Context) -> Empty:
        return Empty()

    def GetSchema(self, request: Any, context: Context) -> rpc.GetSchemaResponse:
        return rpc.GetSchemaResponse(schema=json.dumps(self._provider.schema()))

    def GetMapping(self, request: Any, context: Context) -> rpc.GetMappingResponse:
        return rpc.GetMappingResponse()

    def GetMappings(self, request: Any, context: Context) -> rpc.GetMappingsResponse:
        return rpc.GetMappingsResponse()

    def CheckConfig(self, request: rpc.CheckRequest, context: Context) -> rpc.CheckResponse:
        with rpc_errors(context):
            olds, news = from_struct(request.olds), from_struct(request.news)
            return _check_response(*self._provider.check_config(request.urn, olds, news))

    def DiffConfig(self, request: rpc.DiffRequest, context: Context) -> rpc.DiffResponse:
        with rpc_errors(context):
            olds = from_struct(request.old_inputs if request.HasField("old_inputs") else request.olds)
            return _diff_response(self._provider.diff_config(request.urn, olds, from_struct(request.news)))

    def Configure(self, request: rpc.ConfigureRequest, context: Context) -> rpc.ConfigureResponse:
        with rpc_errors(context):
            self._provider.configure(from_struct(request.args))
        return rpc.ConfigureResponse(acceptSecrets=self._provider.accepts_secrets, supportsPreview=True)

    def Invoke(self, request: rpc.InvokeRequest, context: Context) -> rpc.InvokeResponse:
        function = self._provider.functions.get(request.tok)
        if function is None:
            self._abort_unknown(context, f"function {request.tok}", self._provider.functions)
        with rpc_errors(context):
            result: dict[str, Any] = {"return": to_struct(function(from_struct(request.args)))}  # a keyword in Python
            return rpc.InvokeResponse(**result)

    def Check(self, request: rpc.CheckRequest, context: Context) -> rpc.CheckResponse:
        with rpc_errors(context):
            resource = self._resource(request.urn, context)
            return _check_response(*resource.check(request.urn, from_struct(request.olds), from_struct(request.news)))

    def Diff(self, request: rpc.DiffRequest, context: Context) -> rpc.DiffResponse:
        with rpc_errors(context):
            state, inputs, news = (from_struct(part) for part in (request.olds, request.old_inputs, request.news))
            return _diff_response(
                self._resource(request.urn, context).diff(request.urn, request.id, state, inputs, news)
            )

    def Create(self, request: rpc.CreateRequest, context: Context) -> rpc.CreateResponse:
        with rpc_errors(context):
            resource = self._resource(request.urn, context)
            new_id, outputs = resource.create(request.urn, from_struct(request.properties), preview=request.preview)
            return rpc.CreateResponse(id=new_id, properties=to_struct(outputs))

    def Read(self, request: rpc.ReadRequest, context: Context) -> rpc.ReadResponse:
        with rpc_errors(context):
            inputs, state = from_struct(request.inputs), from_struct(request.properties)
            result = self._resource(request.urn, context).read(request.urn, request.id, inputs, state)
            if result is None:
                return rpc.ReadResponse()
            new_inputs, new_state = to_struct(result.inputs), to_struct(result.outputs)
            return rpc.ReadResponse(id=result.id, inputs=new_inputs, properties=new_state)

    def Update(self, request: rpc.UpdateRequest, context: Context) -> rpc.UpdateResponse:
        with rpc_errors(context):
            state, inputs, news = (from_struct(part) for part in (request.olds, request.old_inputs, request.news))
            resource = self._resource(request.urn, context)
            outputs = resource.update(request.urn, request.id, state, inputs, news, preview=request.preview)
            return rpc.UpdateResponse(properties=to_struct(outputs))

    def Delete(self, request: rpc.DeleteRequest, context: Context) -> Empty:
        with rpc_errors(context):
            inputs, state = from_struct(request.old_inputs), from_struct(request.properties)
            self._resource(request.urn, context).delete(request.urn, request.id, inputs, state)
        return Empty()

    def _resource(self, urn: str, context: Context) -> Resource:
        parts = urn.split("::")
        if len(parts) < 4:  # urn:pulumi:<stack>::<project>::<type>::<name>
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{urn!r} is not the URN of a resource")
        token = parts[2].rpartition("$")[2]
        resource = self._provider.resources.get(token)
        if resource is None:
            self._abort_unknown(context, f"resource {token}", self._provider.resources)
        return resource

    def _abort_unknown(self, context: Context, name: str, known: Mapping[str, object]) -> NoReturn:
        listed = ", ".join(sorted(known)) or "none"
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the plugin {self._provider.name} has no {name}; it has {listed}")


def _check_response(inputs: Object, failures: Sequence[CheckFailure]) -> rpc.CheckResponse:
    wire = [rpc.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]
    return rpc.CheckResponse(inputs=to_struct(inputs), failures=wire)


def _diff_response(diff: Diff) -> rpc.DiffResponse:
    detailed = {}
    for path, change in diff.changes.items() if diff.detailed else ():
        kind = f"{change.kind.value}_REPLACE" if change.replace else change.kind.value
        detailed[path] = rpc.PropertyDiff(kind=rpc.PropertyDiff.Kind.Value(kind), inputDiff=change.input_diff)
    return rpc.DiffResponse(
        changes=rpc.DiffResponse.DIFF_SOME if diff.changes else rpc.DiffResponse.DIFF_NONE,
        diffs=list(dict.fromkeys(_root(path) for path in diff.changes)),
        replaces=list(dict.fromkeys(_root(path) for path, change in diff.changes.items() if change.replace)),
        stables=list(diff.stables),
        deleteBeforeReplace=diff.delete_before_replace,
        detailedDiff=detailed,
        hasDetailedDiff=diff.detailed,
    )


def _root(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
