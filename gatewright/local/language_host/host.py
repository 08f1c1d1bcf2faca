"""The LanguageRuntime service. The methods are those of the protocol."""

# ruff: noqa: N802, ARG002 - the protocol names the methods, and gives each the same two arguments

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty

from gatewright.facts.engine_version import MINIMUM_ENGINE
from gatewright.local.language_host.install import install_dependencies
from gatewright.local.language_host.packages import program_dependencies
from gatewright.local.language_host.processes import Processes, interrupt
from gatewright.local.language_host.toolchain import Toolchain
from gatewright.plugin.protos import language_pb2 as rpc
from gatewright.plugin.protos import language_pb2_grpc, plugin_pb2
from gatewright.plugin.required_packages import required_packages
from gatewright.plugin.rpc_errors import rpc_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    Context = grpc.ServicerContext

EXECUTOR = Path(__file__).parents[2] / "plugin" / "executor.py"
SHOWN = 32
"""The executor's exit code for a failure that the user has already seen."""

# the engine calls About before every preview; `pip --version` alone takes a third of a second
_ABOUT = """
import importlib.metadata, platform, sys
print(platform.python_version(), sys.executable, importlib.metadata.version("pip"), sep="\\n")
"""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs programs and plugins written in Python. `engine` is the engine's address, or "" until the handshake."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._processes = Processes()

    def interrupt(self) -> None:
        """End all running processes."""
        self._processes.interrupt()

    def Handshake(self, request: rpc.LanguageHandshakeRequest, context: Context) -> rpc.LanguageHandshakeResponse:
        self._engine = request.engine_address
        return rpc.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=".".join(map(str, MINIMUM_ENGINE)))

    def GetRequiredPackages(
        self, request: rpc.GetRequiredPackagesRequest, context: Context
    ) -> rpc.GetRequiredPackagesResponse:
        with rpc_errors(context):
            return rpc.GetRequiredPackagesResponse(packages=required_packages(Toolchain.of(request.info).search_path()))

    def GetProgramDependencies(
        self, request: rpc.GetProgramDependenciesRequest, context: Context
    ) -> rpc.GetProgramDependenciesResponse:
        with rpc_errors(context):
            toolchain = Toolchain.of(request.info)
            installed = program_dependencies(toolchain, transitive=request.transitiveDependencies)
            return rpc.GetProgramDependenciesResponse(dependencies=installed)

    def About(self, request: rpc.AboutRequest, context: Context) -> rpc.AboutResponse:
        with rpc_errors(context):
            toolchain = Toolchain.of(request.info)
            version, executable, pip = toolchain.output("-c", _ABOUT).splitlines()
            about = {"toolchain": toolchain.name, "toolchainVersion": pip, "typechecker": "None"}
            return rpc.AboutResponse(executable=executable, version=version, metadata=about)

    def InstallDependencies(
        self, request: rpc.InstallDependenciesRequest, context: Context
    ) -> Iterator[rpc.InstallDependenciesResponse]:
        with rpc_errors(context):
            toolchain = Toolchain.of(request.info, default="venv" if request.is_plugin else None)
            for line in install_dependencies(toolchain, Path(request.info.program_directory)):
                yield rpc.InstallDependenciesResponse(stdout=line)

    def RuntimeOptionsPrompts(self, request: rpc.RuntimeOptionsRequest, context: Context) -> rpc.RuntimeOptionsResponse:
        return rpc.RuntimeOptionsResponse()

    def Template(self, request: rpc.TemplateRequest, context: Context) -> rpc.TemplateResponse:
        return rpc.TemplateResponse()

    def Cancel(self, request: Empty, context: Context) -> Empty:
        self.interrupt()
        return Empty()

    def Run(self, request: rpc.RunRequest, context: Context) -> rpc.RunResponse:
        with rpc_errors(context):
            if request.attach_debugger:
                _unsupported(context, "debugging a program")
            toolchain = Toolchain.of(request.info)
            command = [toolchain.python, "-P", str(EXECUTOR), *_program_arguments(request, self._engine)]
            configuration = {
                "PULUMI_CONFIG": json.dumps(dict(request.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
            }
            if self._processes.interrupted:
                return rpc.RunResponse(bail=True)
            program = self._processes.start(command, environment=toolchain.environment(configuration))
            context.add_callback(lambda: interrupt(program))
            code = self._processes.wait(program)
        if code == SHOWN or (code != 0 and self._processes.interrupted):
            return rpc.RunResponse(bail=True)
        return rpc.RunResponse(error=f"program exited with non-zero exit code: {code}" if code else "")

    def RunPlugin(self, request: rpc.RunPluginRequest, context: Context) -> Iterator[rpc.RunPluginResponse]:
        with rpc_errors(context):
            if request.attach_debugger:
                _unsupported(context, "debugging a plugin")
            is_pack = request.kind == "analyzer"
            toolchain = Toolchain.of(request.info, default=None if is_pack else "venv")
            environment = toolchain.environment(dict(pair.split("=", 1) for pair in request.env))
            program = request.info.program_directory
            arguments = ["-u", "-m", "pulumi.policy", *request.args, program] if is_pack else [program, *request.args]
            command = [toolchain.python, *arguments]
            plugin = self._processes.start(
                command, environment=environment, folder=request.pwd or None, output=subprocess.PIPE
            )
            context.add_callback(lambda: interrupt(plugin))
            yield from _streamed(plugin)
            yield rpc.RunPluginResponse(exitcode=self._processes.wait(plugin))

    def GenerateProgram(self, request: rpc.GenerateProgramRequest, context: Context) -> rpc.GenerateProgramResponse:
        _unsupported(context, "generating a program")

    def GenerateProject(self, request: rpc.GenerateProjectRequest, context: Context) -> rpc.GenerateProjectResponse:
        _unsupported(context, "generating a project")

    def GeneratePackage(self, request: rpc.GeneratePackageRequest, context: Context) -> rpc.GeneratePackageResponse:
        _unsupported(context, "generating an SDK")

    def Pack(self, request: rpc.PackRequest, context: Context) -> rpc.PackResponse:
        _unsupported(context, "packing an SDK")

    def Link(self, request: rpc.LinkRequest, context: Context) -> rpc.LinkResponse:
        _unsupported(context, "linking a local SDK")


def _unsupported(context: Context, feature: str) -> NoReturn:
    text = f"{feature} needs Pulumi's own pulumi-language-python; this one only runs programs and plugins"
    context.abort(grpc.StatusCode.UNIMPLEMENTED, text)


def _program_arguments(request: rpc.RunRequest, engine: str) -> list[str]:
    options = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
        "organization": request.organization,
        "host": str(os.getpid()),
    }
    arguments = [f"--{name}={value}" for name, value in options.items() if value]
    return [*arguments, "--", request.info.entry_point or ".", *request.args]


def _streamed(process: subprocess.Popen[bytes]) -> Iterator[rpc.RunPluginResponse]:
    """The output of `process` as it is written, until both streams are closed."""
    pieces: SimpleQueue[rpc.RunPluginResponse | None] = SimpleQueue()

    def forward(stream: IO[bytes], name: str) -> None:
        with stream:
            while piece := stream.read1(65536):  # type: ignore[attr-defined]  # a pipe's reader is buffered
                pieces.put(rpc.RunPluginResponse(**{name: piece}))
        pieces.put(None)

    streams = {"stdout": process.stdout, "stderr": process.stderr}
    for name, stream in streams.items():
        if stream is not None:
            Thread(target=forward, args=(stream, name), daemon=True).start()
    open_streams = len(streams)
    while open_streams:
        piece = pieces.get()
        if piece is None:
            open_streams -= 1
        else:
            yield piece
