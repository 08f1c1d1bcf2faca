"""What every gRPC plugin of Pulumi's engine needs here: protos, a server, values, a base provider."""

import sys
from types import ModuleType

_spec = getattr(sys.modules["__main__"], "__spec__", None)
if _spec is not None and _spec.name.startswith("gatewright."):
    # a process of its own: gRPC without its asyncio half, which no plugin uses and which is a fifth of its start
    sys.modules["grpc.aio"] = ModuleType("grpc.aio")
