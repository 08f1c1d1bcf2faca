"""The project's Pulumi program within this process, for a run of the engine that changes nothing.

By its hidden option `--client`, which Pulumi's Automation API uses, the engine connects to a language runtime that is
there already, and starts neither a language host nor a second Python.
"""

# ruff: noqa: N802, ARG002 - the protocol names the methods, and gives each the same two arguments

from __future__ import annotations

import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.empty_pb2 import Empty

from gatewright.facts.engine_version import MINIMUM_ENGINE
from gatewright.io.variables import set_variables
from gatewright.plugin.protos import language_pb2 as rpc
from gatewright.plugin.protos import language_pb2_grpc, plugin_pb2
from gatewright.plugin.required_packages import required_packages
from gatewright.plugin.rpc_errors import rpc_errors
from gatewright.plugin.serve import start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import grpc

    Context = grpc.ServicerContext

THREADS = 4
"""Concurrent calls of the engine: it runs one program, and asks about it meanwhile."""


@contextmanager
def program_host(program: Path, variables: Mapping[str, str]) -> Iterator[str]:
    """Run `program` here, with `variables`, for the engine that connects to the address yielded."""
    host = ProgramHost(program, variables)
    with ThreadPoolExecutor(THREADS) as threads:  # on exit it waits until a program has noticed that the engine ended
        server, port = start(partial(language_pb2_grpc.add_LanguageRuntimeServicer_to_server, host), threads)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None)


class ProgramHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The part of the service LanguageRuntime that the engine calls for a program."""

    def __init__(self, program: Path, variables: Mapping[str, str]) -> None:
        self._program = program
        self._variables = variables

    def GetPluginInfo(self, request: Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=".".join(map(str, MINIMUM_ENGINE)))

    def About(self, request: rpc.AboutRequest, context: Context) -> rpc.AboutResponse:
        return rpc.AboutResponse(executable=sys.executable, version=platform.python_version())

    def GetRequiredPackages(
        self, request: rpc.GetRequiredPackagesRequest, context: Context
    ) -> rpc.GetRequiredPackagesResponse:
        with rpc_errors(context):
            return rpc.GetRequiredPackagesResponse(packages=required_packages(map(Path, filter(None, sys.path))))

    def Cancel(self, request: Empty, context: Context) -> Empty:
        return Empty()

    def Run(self, request: rpc.RunRequest, context: Context) -> rpc.RunResponse:
        return copy_context().run(self._run, request)

    def _run(self, request: rpc.RunRequest) -> rpc.RunResponse:
        from pulumi.runtime import Settings  # half a second, which a refresh does not need

        from gatewright.plugin import executor

        settings = Settings(
            monitor=request.monitor_address,
            engine=request.args[0],
            project=request.project,
            stack=request.stack,
            parallel=request.parallel,
            dry_run=request.dryRun,
            organization=request.organization,
            root_directory=request.info.root_directory,
        )
        executor.configure(settings, request.config, request.configSecretKeys)
        set_variables(self._variables)
        code = executor.run(str(self._program), request.parallel, self._load)
        if code == executor.SHOWN:
            return rpc.RunResponse(bail=True)
        return rpc.RunResponse(error=f"program exited with non-zero exit code: {code}" if code else "")

    def _load(self) -> None:
        code = compile(self._program.read_bytes(), self._program, "exec")
        exec(code, {"__name__": "__main__", "__file__": str(self._program)})  # noqa: S102 - the program is the user's
