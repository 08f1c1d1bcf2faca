"""Parts of every gRPC plugin for Pulumi's engine: protos, a server, values, a base provider."""

import sys
from types import ModuleType

_spec = getattr(sys.modules["__main__"], "__spec__", None)
if _spec is not None and _spec.name.startswith("gatewright."):
    # in a plugin's own process: no plugin uses gRPC's asyncio part, and it takes a fifth of the start
    sys.modules["grpc.aio"] = ModuleType("grpc.aio")
