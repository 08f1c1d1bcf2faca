"""The running processes, and the variables that each was started with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from gatewright.frozen import frozen
from gatewright.io.system import MACOS

_KERN, _ARGMAX, _PROCARGS2 = 1, 8, 49  # from macOS's <sys/sysctl.h>


class Processes(Protocol):
    """The processes of a system."""

    def arguments(self) -> Iterator[tuple[int, list[str]]]:
        """The id and the arguments of each process."""
        ...

    def variables(self, pid: int) -> dict[str, str] | None:
        """The variables of a process; None where it has ended, or where only another user can read them."""
        ...


def processes_of(platform: str) -> Processes | None:
    """The processes of this system, whose `sys.platform` is `platform`; None where they cannot be read."""
    if platform == MACOS:
        return MacProcesses()
    return ProcFolder() if Path("/proc/self").exists() else None


@frozen
class ProcFolder:
    """The processes of Linux: /proc."""

    root: Path = Path("/proc")

    def arguments(self) -> Iterator[tuple[int, list[str]]]:
        """From `cmdline`."""
        for folder in self.root.glob("[0-9]*"):
            try:
                yield int(folder.name), _texts((folder / "cmdline").read_bytes().rstrip(b"\0 ").split(b"\0"))
            except OSError:  # it has just ended
                continue

    def variables(self, pid: int) -> dict[str, str] | None:
        """From `environ`."""
        try:
            return _pairs((self.root / str(pid) / "environ").read_bytes().split(b"\0"))
        except OSError:
            return None


def list_with_ps() -> str:
    """A line for each process: its id and its arguments, separated by spaces."""
    command = ["/bin/ps", "-axww", "-o", "pid=,command="]
    return subprocess.run(command, capture_output=True, check=False, text=True, errors="replace").stdout


def read_procargs(pid: int) -> bytes | None:
    """`sysctl kern.procargs2` of a process; None where it has ended or belongs to another user."""
    import ctypes

    system = ctypes.CDLL(None)
    size = ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    longest = ctypes.c_int()
    if system.sysctl((ctypes.c_int * 2)(_KERN, _ARGMAX), 2, ctypes.byref(longest), ctypes.byref(size), None, 0):
        return None
    size = ctypes.c_size_t(longest.value)
    content = ctypes.create_string_buffer(longest.value)
    name = (ctypes.c_int * 3)(_KERN, _PROCARGS2, pid)
    return None if system.sysctl(name, 3, content, ctypes.byref(size), None, 0) else content.raw[: size.value]


@frozen
class MacProcesses:
    """The processes of macOS. `ps` lists those of all users; procargs2 keeps arguments with spaces apart, and has the
    variables: those of the same user's processes, except Apple's own programs.
    """

    ps: Callable[[], str] = list_with_ps
    procargs: Callable[[int], bytes | None] = read_procargs

    def arguments(self) -> Iterator[tuple[int, list[str]]]:
        """From procargs2, otherwise from `ps`."""
        for line in self.ps().splitlines():
            pid, _, command = line.strip().partition(" ")
            arguments, _ = self._read(int(pid))
            yield int(pid), _texts(arguments) or command.split()

    def variables(self, pid: int) -> dict[str, str] | None:
        """From procargs2."""
        _, variables = self._read(pid)
        return _pairs(variables) or None

    def _read(self, pid: int) -> tuple[list[bytes], list[bytes]]:
        """Arguments and variables. The content is their number, the program's path, zeros, the arguments, the
        variables, and an empty string: https://github.com/apple-oss-distributions/xnu, bsd/kern/kern_sysctl.c.
        """
        content = self.procargs(pid) or bytes(4)
        count = int.from_bytes(content[:4], sys.byteorder)
        _, _, rest = content[4:].partition(b"\0")
        parts = rest.lstrip(b"\0").split(b"\0")
        variables = parts[count:]
        return parts[:count], variables[: variables.index(b"")] if b"" in variables else variables


def _texts(values: list[bytes]) -> list[str]:
    return [value.decode(errors="replace") for value in values]


def _pairs(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("utf-8", "surrogateescape").partition("=") for line in lines if line)
    return {name: value for name, _, value in pairs}
