"""The process of the language host: `python -P -m gatewright.local.language_host [ENGINE_ADDRESS]`."""

from __future__ import annotations

import sys

from gatewright.local.language_host.host import LanguageHost
from gatewright.plugin.protos import language_pb2_grpc
from gatewright.plugin.serve import serve


def main(arguments: list[str]) -> None:
    """Serve until the engine ends this process. Options of the official host (`-tracing`, …) are ignored."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    host = LanguageHost(addresses[-1] if addresses else "")
    serve(lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server), at_exit=host.interrupt)


if __name__ == "__main__":
    main(sys.argv[1:])
