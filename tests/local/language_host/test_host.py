"""The host in its own process, called as the engine calls it."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct

from gatewright.plugin.protos import language_pb2 as rpc
from gatewright.plugin.protos import language_pb2_grpc


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-P", "-m", "gatewright.local.language_host", "127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        yield host
        host.kill()


@pytest.fixture
def host(process: subprocess.Popen[str]) -> Iterator[Any]:
    assert process.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        yield cast("Any", language_pb2_grpc).LanguageRuntimeStub(channel)


def info(folder: Path, **options: str) -> rpc.ProgramInfo:
    settings = Struct()
    settings.update({"virtualenv": sys.prefix} | options)
    return rpc.ProgramInfo(root_directory=str(folder), program_directory=str(folder), entry_point=".", options=settings)


def run_plugin(host: Any, folder: Path, program: str, *arguments: str) -> tuple[bytes, bytes, int]:
    (folder / "__main__.py").write_text(program)
    request = rpc.RunPluginRequest(info=info(folder), pwd=str(folder), args=arguments, env=["COLOUR=red"])
    out, err, code = b"", b"", -1
    for piece in host.RunPlugin(request):
        out, err = out + piece.stdout, err + piece.stderr
        code = piece.exitcode if piece.WhichOneof("output") == "exitcode" else code
    return out, err, code


def test_a_policy_pack_is_run_by_pulumis_sdk(host: Any, tmp_path: Path) -> None:
    sdk = tmp_path / "pulumi" / "policy.py"
    sdk.parent.mkdir()
    sdk.write_text("import sys\nprint(sys.argv[1:])\n")
    (tmp_path / "pulumi" / "__init__.py").write_text("")
    request = rpc.RunPluginRequest(
        info=info(tmp_path),
        pwd=str(tmp_path),
        args=["127.0.0.1:1"],
        env=[f"PYTHONPATH={tmp_path}"],
        kind="analyzer",
    )
    out = b"".join(piece.stdout for piece in host.RunPlugin(request))
    assert out.decode() == f"{['127.0.0.1:1', str(tmp_path)]}\n"


def test_handshake_and_version(host: Any) -> None:
    host.Handshake(rpc.LanguageHandshakeRequest(engine_address="127.0.0.1:2"))
    assert host.GetPluginInfo(Empty()).version == "3.259.0"


def test_about(host: Any, tmp_path: Path) -> None:
    about = host.About(rpc.AboutRequest(info=info(tmp_path)))
    assert about.version == platform.python_version()
    assert about.metadata["toolchain"] == "Auto"
    assert about.metadata["typechecker"] == "None"


def test_the_cloudflare_plugin_is_required(host: Any, tmp_path: Path) -> None:
    packages = host.GetRequiredPackages(rpc.GetRequiredPackagesRequest(info=info(tmp_path))).packages
    assert [(package.kind, package.version) for package in packages if package.name == "cloudflare"] == [
        ("resource", "v6.23.1")
    ]


def test_a_plugin_is_streamed(host: Any, tmp_path: Path) -> None:
    program = """
import json, os, sys
print(json.dumps([sys.argv[1:], os.environ["COLOUR"], os.environ["VIRTUAL_ENV"], os.getcwd()]))
print("careful", file=sys.stderr)
sys.exit(3)
"""
    out, err, code = run_plugin(host, tmp_path, program, "127.0.0.1:1", "--x")
    assert json.loads(out) == [["127.0.0.1:1", "--x"], "red", sys.prefix, str(tmp_path)]
    assert (err, code) == (b"careful\n", 3)


def test_a_large_output_is_complete(host: Any, tmp_path: Path) -> None:
    out, _, code = run_plugin(host, tmp_path, "print('x' * 5_000_000)")
    assert (len(out), code) == (5_000_001, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"toolchain": "uv"}, "this language host does not support the toolchain uv"),
        ({"typechecker": "mypy"}, "this language host does not run a typechecker"),
        ({"virtualenv": "absent"}, "absent of Pulumi.yaml does not exist: run: pulumi install"),
    ],
)
def test_unsupported_options_are_refused(host: Any, tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        host.Run(rpc.RunRequest(info=info(tmp_path, **options)))
    assert message in str(refused.value.details())


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GenerateProgram", rpc.GenerateProgramRequest()),
        ("GenerateProject", rpc.GenerateProjectRequest()),
        ("GeneratePackage", rpc.GeneratePackageRequest()),
        ("Pack", rpc.PackRequest()),
        ("Link", rpc.LinkRequest()),
    ],
)
def test_unsupported_calls_name_the_official_host(host: Any, method: str, request_: Any) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        getattr(host, method)(request_)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "needs Pulumi's own pulumi-language-python" in str(refused.value.details())


@pytest.mark.long
def test_dependencies_are_installed_into_a_new_environment(host: Any, tmp_path: Path) -> None:
    request = rpc.InstallDependenciesRequest(info=info(tmp_path, virtualenv="fresh"))
    output = b"".join(piece.stdout for piece in host.InstallDependencies(request))
    assert output == b"Installing dependencies...\n\nFinished installing dependencies\n\n"
    assert (tmp_path / "fresh" / "bin" / "python").is_file()


def test_a_failed_installation_is_an_error(host: Any, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("./absent\n")
    request = rpc.InstallDependenciesRequest(info=info(tmp_path))
    with pytest.raises(grpc.RpcError) as refused:
        list(host.InstallDependencies(request))
    assert "failed with exit code 1" in str(refused.value.details())


def test_cancel_ends_running_processes(host: Any, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import time; print('up', flush=True); time.sleep(60)")
    stream = host.RunPlugin(rpc.RunPluginRequest(info=info(tmp_path), pwd=str(tmp_path)))
    assert next(stream).stdout.startswith(b"up")
    host.Cancel(Empty())
    assert [piece.exitcode for piece in stream][-1] == -signal.SIGTERM
    assert host.Run(rpc.RunRequest(info=info(tmp_path))).bail


def test_its_processes_end_with_it(process: subprocess.Popen[str], host: Any, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    plugin = int(next(host.RunPlugin(rpc.RunPluginRequest(info=info(tmp_path), pwd=str(tmp_path)))).stdout)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=4) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(plugin, 0)


WATCHING = """
import sys, time
from gatewright.plugin.executor import end_with
end_with(int(sys.argv[1]))
print("watching", flush=True)
time.sleep(60)
"""


def test_a_program_ends_with_its_killed_host() -> None:
    """A shell is in the place of the host. Its output is at its end when the program has ended, too."""
    command = ["sh", "-c", '"$0" -c "$1" $$; true', sys.executable, WATCHING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "watching\n"
        shell.kill()
        assert shell.communicate(timeout=30)[0] == ""
