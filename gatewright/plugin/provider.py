"""A provider as the engine calls it, over classes that know nothing of gRPC.

    class Notes(Provider):
        name, version = "notes", "0.1.0"
        resources = {"notes:index:Note": Note()}
        functions = {"notes:index:count": count}     # Object -> Object

    if __name__ == "__main__":
        run(Notes())

`run` serves it until the engine ends it. `configure` gets the checked provider config once, before any resource is
touched. Types and the meaning of values: `gatewright.plugin.resource`, `gatewright.plugin.values`.
"""

# ruff: noqa: N802, ARG002 - the protocol names the methods, and gives each the same two arguments

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty

from gatewright.plugin import protos
from gatewright.plugin.protos import plugin_pb2
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.refusals import refusals
from gatewright.plugin.resource import Diff, Failure, Resource, compare
from gatewright.plugin.serve import serve
from gatewright.plugin.values import from_struct, to_struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.plugin.values import Object

    Context = grpc.ServicerContext


class Provider:
    """What a small provider says of itself: its name, version, resources and functions by their tokens.

    One that does not accept secrets gets every value in clear, and the engine itself keeps secret the outputs whose
    inputs were.
    """

    name: str
    version: str
    resources: Mapping[str, Resource]
    functions: Mapping[str, Callable[[Object], Object]] = {}
    accepts_secrets: bool = True

    def schema(self) -> dict[str, Any]:
        """The package's schema; only its name and version are needed for programs that register raw resources."""
        return {"name": self.name, "version": self.version}

    def check_config(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        """The provider's config, completed, and everything that is wrong with it."""
        return news, []

    def diff_config(self, urn: str, olds: Object, news: Object) -> Diff:
        """What differs in the config; a replace here replaces every resource of the provider."""
        return compare(olds, news)

    def configure(self, config: Object) -> None:
        """Take the checked config. May hold UNKNOWN in a preview."""


def run(provider: Provider) -> None:
    """Serve `provider` until the engine ends this process; does not return."""
    serve(lambda server: protos.provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider), server))


class Servicer(protos.provider_pb2_grpc.ResourceProviderServicer):
    """The gRPC side of a Provider; names and meanings of the methods are the protocol's."""

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
        with refusals(context):
            olds, news = from_struct(request.olds), from_struct(request.news)
            return _checked(*self._provider.check_config(request.urn, olds, news))

    def DiffConfig(self, request: rpc.DiffRequest, context: Context) -> rpc.DiffResponse:
        with refusals(context):
            olds = from_struct(request.old_inputs if request.HasField("old_inputs") else request.olds)
            return _differing(self._provider.diff_config(request.urn, olds, from_struct(request.news)))

    def Configure(self, request: rpc.ConfigureRequest, context: Context) -> rpc.ConfigureResponse:
        with refusals(context):
            self._provider.configure(from_struct(request.args))
        return rpc.ConfigureResponse(acceptSecrets=self._provider.accepts_secrets, supportsPreview=True)

    def Invoke(self, request: rpc.InvokeRequest, context: Context) -> rpc.InvokeResponse:
        function = self._provider.functions.get(request.tok)
        if function is None:
            self._unknown(context, f"function {request.tok}", self._provider.functions)
        with refusals(context):
            answer: dict[str, Any] = {"return": to_struct(function(from_struct(request.args)))}  # a word of Python's
            return rpc.InvokeResponse(**answer)

    def Check(self, request: rpc.CheckRequest, context: Context) -> rpc.CheckResponse:
        with refusals(context):
            resource = self._resource(request.urn, context)
            return _checked(*resource.check(request.urn, from_struct(request.olds), from_struct(request.news)))

    def Diff(self, request: rpc.DiffRequest, context: Context) -> rpc.DiffResponse:
        with refusals(context):
            state, inputs, news = (from_struct(part) for part in (request.olds, request.old_inputs, request.news))
            return _differing(self._resource(request.urn, context).diff(request.urn, request.id, state, inputs, news))

    def Create(self, request: rpc.CreateRequest, context: Context) -> rpc.CreateResponse:
        with refusals(context):
            resource = self._resource(request.urn, context)
            new_id, outputs = resource.create(request.urn, from_struct(request.properties), preview=request.preview)
            return rpc.CreateResponse(id=new_id, properties=to_struct(outputs))

    def Read(self, request: rpc.ReadRequest, context: Context) -> rpc.ReadResponse:
        with refusals(context):
            inputs, state = from_struct(request.inputs), from_struct(request.properties)
            found = self._resource(request.urn, context).read(request.urn, request.id, inputs, state)
            if found is None:
                return rpc.ReadResponse()
            new_inputs, new_state = to_struct(found.inputs), to_struct(found.outputs)
            return rpc.ReadResponse(id=found.id, inputs=new_inputs, properties=new_state)

    def Update(self, request: rpc.UpdateRequest, context: Context) -> rpc.UpdateResponse:
        with refusals(context):
            state, inputs, news = (from_struct(part) for part in (request.olds, request.old_inputs, request.news))
            resource = self._resource(request.urn, context)
            outputs = resource.update(request.urn, request.id, state, inputs, news, preview=request.preview)
            return rpc.UpdateResponse(properties=to_struct(outputs))

    def Delete(self, request: rpc.DeleteRequest, context: Context) -> Empty:
        with refusals(context):
            inputs, state = from_struct(request.old_inputs), from_struct(request.properties)
            self._resource(request.urn, context).delete(request.urn, request.id, inputs, state)
        return Empty()

    def _resource(self, urn: str, context: Context) -> Resource:
        token = urn.split("::")[2].rpartition("$")[2]
        resource = self._provider.resources.get(token)
        if resource is None:
            self._unknown(context, f"resource {token}", self._provider.resources)
        return resource

    def _unknown(self, context: Context, what: str, known: Mapping[str, object]) -> NoReturn:
        has = ", ".join(sorted(known)) or "none"
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the plugin {self._provider.name} has no {what}; it has {has}")


def _checked(inputs: Object, failures: Sequence[Failure]) -> rpc.CheckResponse:
    wire = [rpc.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]
    return rpc.CheckResponse(inputs=to_struct(inputs), failures=wire)


def _differing(diff: Diff) -> rpc.DiffResponse:
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
