"""The processes of macOS, from recorded forms of what `ps` and `sysctl kern.procargs2` return."""

from __future__ import annotations

import os
import sys

import pytest

from gatewright.clients import openclaw
from gatewright.io.processes import MacProcesses, ProcFolder, processes_of
from gatewright.operations.tokens.daemons import RunningProcess, digest, find_running

NODE = "/Users/zoe/Library/Application Support/fnm/bin/node"
SCRIPT = "/Users/zoe/Library/Application Support/fnm/lib/node_modules/openclaw/dist/index.js"
PS = f"""\
    1 /sbin/launchd
  417 {NODE} {SCRIPT} gateway --port 18789
  502 openclaw-gateway
  611 /bin/zsh -l openclaw gateway
  700 node /opt/openclaw/dist/index.js gateway
"""


def procargs(*arguments: str, variables: tuple[str, ...] = ()) -> bytes:
    """The program's path is padded; Apple's own strings follow the variables."""
    strings = "\0".join((*arguments, *variables, "", "ptr_munge=", "executable_cdhash=fake"))
    return len(arguments).to_bytes(4, sys.byteorder) + f"{arguments[0]}\0\0\0\0{strings}\0".encode()


CONTENT = {
    417: procargs(NODE, SCRIPT, "gateway", "--port", "18789", variables=("TOKEN=fake=tökén", "EMPTY=", "A=b c")),
    502: procargs("openclaw-gateway", "", variables=()),
    611: procargs("/bin/zsh", "-l", "openclaw gateway"),
}
"""Without 1 and 700, which belong to other users."""
MAC = MacProcesses(lambda: PS, CONTENT.get)


def test_arguments_with_spaces_stay_whole() -> None:
    assert dict(MAC.arguments()) == {
        1: ["/sbin/launchd"],
        417: [NODE, SCRIPT, "gateway", "--port", "18789"],
        502: ["openclaw-gateway", ""],
        611: ["/bin/zsh", "-l", "openclaw gateway"],
        700: ["node", "/opt/openclaw/dist/index.js", "gateway"],
    }


def test_the_variables_of_a_process() -> None:
    assert MAC.variables(417) == {"TOKEN": "fake=tökén", "EMPTY": "", "A": "b c"}
    assert MAC.variables(502) is None  # Apple hides those of its own programs
    assert MAC.variables(700) is None


def test_the_daemons_of_macos() -> None:
    variables = {"TOKEN": digest("fake=tökén"), "EMPTY": digest(""), "A": digest("b c")}
    assert find_running(openclaw.PROGRAM, (), MAC) == [
        RunningProcess(417, variables),
        RunningProcess(502, None),
        RunningProcess(700, None),
    ]


@pytest.mark.parametrize("content", [b"", b"\1", bytes(4), b"\5\0\0\0", b"\xff\xff\xff\xff\0\0"])
def test_cut_off_content(content: bytes) -> None:
    assert MacProcesses(lambda: "7 cut off", lambda _: content).variables(7) is None


def test_the_system_chooses_the_source() -> None:
    assert isinstance(processes_of("darwin"), MacProcesses)
    if sys.platform == "linux":
        assert processes_of("linux") == ProcFolder()


def test_ps_lists_this_process() -> None:
    """The real `ps`, whose options are the same on both systems; Linux has no procargs2."""
    assert os.getpid() in dict(MacProcesses(procargs=lambda _: None).arguments())
