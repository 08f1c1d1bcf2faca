"""The Python of a project, from `runtime.options` in its Pulumi.yaml."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.errors import EngineError
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.struct_pb2 import Struct

    from gatewright.plugin.protos import language_pb2

_OFFICIAL = "install Pulumi's own pulumi-language-python beside the engine, or remove the option"


@frozen
class Toolchain:
    """A virtual environment, or the Python on PATH where `virtualenv` is None."""

    root: Path
    virtualenv: Path | None
    name: str = "Auto"

    @classmethod
    def of(cls, info: language_pb2.ProgramInfo, *, default: str | None = None) -> Toolchain:
        """The toolchain of a program; `default` is the virtual environment where the options name none.

        Raises EngineError for options that only the official host supports.
        """
        options = _strings(info.options)
        toolchain = options.get("toolchain")
        if toolchain not in (None, "pip"):
            raise EngineError(f"this language host does not support the toolchain {toolchain}, only pip", _OFFICIAL)
        if "typechecker" in options:
            raise EngineError("this language host does not run a typechecker", _OFFICIAL)
        root = Path(info.root_directory)
        virtualenv = options.get("virtualenv", default)
        return cls(root, root / virtualenv if virtualenv else None, "Pip" if toolchain else "Auto")

    @property
    def exists(self) -> bool:
        """Whether the virtual environment exists; true for the Python on PATH."""
        return self.virtualenv is None or (self.virtualenv / "bin" / "python").is_file()

    @property
    def python(self) -> str:
        """The path of the interpreter. Raises EngineError where there is none."""
        if self.virtualenv is None:
            return _python_on_path()
        if not self.exists:
            raise EngineError(
                f"the virtual environment {self.virtualenv} of Pulumi.yaml does not exist", "run: pulumi install"
            )
        return str(self.virtualenv / "bin" / "python")

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables of a process: those of this one, of the activated virtual environment, and `extra`."""
        variables = dict(os.environ)
        if self.virtualenv is not None:
            variables.pop("PYTHONHOME", None)
            variables["VIRTUAL_ENV"] = str(self.virtualenv)
            variables["PATH"] = os.pathsep.join(filter(None, (str(self.virtualenv / "bin"), os.environ.get("PATH"))))
        return {**variables, **(extra or {})}

    def search_path(self) -> Iterator[Path]:
        """The folders that its Python imports from."""
        is_own = self.virtualenv is not None and self.virtualenv.resolve() == Path(sys.prefix).resolve()
        entries = sys.path if is_own else json.loads(self.output("-c", "import json, sys; print(json.dumps(sys.path))"))
        return (Path(entry) for entry in entries if entry)

    def output(self, *arguments: str) -> str:
        """The output of its Python with `arguments`. Raises EngineError when it fails."""
        command = [self.python, *arguments]
        result = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if result.returncode != 0:
            reason = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
            raise EngineError(f"`{' '.join(command)}` failed: {reason}")
        return result.stdout.strip()


def _strings(options: Struct) -> dict[str, str]:
    strings = {}
    for name, value in options.fields.items():
        if value.WhichOneof("kind") != "string_value":
            raise EngineError(f"runtime.options.{name} in Pulumi.yaml must be a string")
        strings[name] = value.string_value
    return strings


def _python_on_path() -> str:
    command = os.environ.get("PULUMI_PYTHON_CMD")
    for name in [command] if command else ["python3", "python"]:
        if path := shutil.which(name):
            return path
    raise EngineError(
        f"no {command or 'python3'} on PATH", "name a virtual environment in Pulumi.yaml: runtime.options.virtualenv"
    )
