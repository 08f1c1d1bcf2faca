"""Programs under the real engine, with this host, with the official one where it is installed, and within this process.

A case is a program, and a text with the expected output of its update, from the diagnostics on.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatewright.engine.find import find_engine
from gatewright.engine.launchers import place_language_host
from gatewright.operations.stack.program_host import program_host
from gatewright.project import Project

pytestmark = pytest.mark.integration

PROGRAMS = Path(__file__).with_name("programs")
OFFICIAL = "GATEWRIGHT_OFFICIAL"


SLOW = """
import pathlib, time
pathlib.Path("running").touch()
try:
    time.sleep(60)
finally:
    time.sleep(60)
"""


@dataclass(frozen=True)
class Shell:
    """A folder with a program, and an engine with one language host."""

    folder: Path
    variables: dict[str, str]

    def pulumi(self, *arguments: str) -> tuple[int, str]:
        command = ["pulumi", "--non-interactive", "--color", "never", *arguments, "--stack", "dev"]
        result = subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return result.returncode, result.stdout


Shells = Callable[[Path], Shell]


@pytest.fixture(scope="session", params=["own", pytest.param("official", marks=pytest.mark.long)])
def host(request: pytest.FixtureRequest, checkout: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the engine and one language host."""
    official = os.environ.get(OFFICIAL)
    if request.param == "official" and not official:
        pytest.skip(f"{OFFICIAL} names no folder with Pulumi's own programs")
    engine = find_engine(checkout)
    if engine is None:
        pytest.skip("no engine: gatewright engine install")
    folder = tmp_path_factory.mktemp(request.param)
    try:
        (folder / "pulumi").hardlink_to(engine.path.resolve())
    except OSError:  # another file system
        shutil.copy2(engine.path.resolve(), folder / "pulumi")
    if request.param == "official":
        subprocess.run([Path(str(official), "install.sh"), "host", folder], check=True, stdout=subprocess.DEVNULL)
    else:
        place_language_host(folder)
    return folder


@pytest.fixture
def shell(host: Path, tmp_path: Path) -> Shells:
    def create(program: Path) -> Shell:
        folder = tmp_path / "program"
        folder.mkdir()
        if program.is_file():
            shutil.copy2(program, folder / "__main__.py")
        options = f"{{name: python, options: {{virtualenv: {sys.prefix}}}}}"
        (folder / "Pulumi.yaml").write_text(f"name: case\nruntime: {options}\nconfig: {{colour: red}}\n")
        (tmp_path / "state").mkdir()
        new = Shell(
            folder,
            {
                "PATH": f"{host}:{os.environ['PATH']}",
                "HOME": str(tmp_path),
                "PULUMI_HOME": str(tmp_path / "home"),
                "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}?metadata=skip",
                "PULUMI_CONFIG_PASSPHRASE": "a test",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            },
        )
        assert new.pulumi("stack", "init")[0] == 0
        assert new.pulumi("config", "set", "--secret", "secret", "fake-secret")[0] == 0
        return new

    return create


def is_official(host: Path) -> bool:
    return (host / "pulumi-language-python-exec").exists()


def normalise(code: int, printed: str, folder: Path) -> str:
    """The output from the diagnostics on, without the differences between runs: times, the order of diagnostics."""
    end = re.search(r"^(Diagnostics|Outputs|Resources):.*", printed, re.MULTILINE | re.DOTALL)
    text = (end[0] if end else printed).replace(str(folder), "<program>")
    text = re.sub(r"^Duration: .*$", "Duration: <time>", text, flags=re.MULTILINE)
    text = re.sub(r"^ *[\^~]+\n", "", text, flags=re.MULTILINE)  # only newer Pythons mark the column
    text = re.sub(r"^  pulumi:pulumi:Stack .*\n", "", text, flags=re.MULTILINE)  # before the first diagnostic
    return "\n\n".join([*sorted(text.strip().removeprefix("Diagnostics:\n").split("\n\n")), f"exit code {code}\n"])


@pytest.mark.parametrize("case", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.stem)
def test_output_of_a_program(shell: Shells, case: Path, update_cases: bool) -> None:
    new = shell(case)
    output = normalise(*new.pulumi("up", "--yes", "--skip-preview", "--suppress-progress"), new.folder)
    expected = case.with_suffix(".txt")
    if update_cases:
        expected.write_text(output)
    assert output == expected.read_text()
    assert "fake-secret" not in output


@pytest.mark.parametrize("case", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.stem)
def test_output_of_a_program_within_this_process(shell: Shells, case: Path) -> None:
    if case.stem == "exits":
        pytest.skip("it ends its process")
    new = shell(case)
    with program_host(new.folder / "__main__.py", new.variables) as address:
        done = new.pulumi("up", "--yes", "--skip-preview", "--suppress-progress", "--client", address)
    assert normalise(*done, new.folder) == case.with_suffix(".txt").read_text()


def test_a_program_within_this_process_has_the_variables_of_its_run(shell: Shells, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import pulumi\nfrom gatewright.io.variables import variables\npulumi.export('mark', variables()['MARK'])\n"
    )
    new = shell(program)
    with program_host(new.folder / "__main__.py", {"MARK": "of the run"}) as address:
        code, printed = new.pulumi("up", "--yes", "--skip-preview", "--client", address)
    assert code == 0, printed
    assert re.search(r"mark *: \"of the run\"", printed)


def test_a_folder_without_a_program_is_an_error(shell: Shells, host: Path) -> None:
    if is_official(host):
        pytest.skip("the official host does not always name it")
    code, printed = shell(PROGRAMS / "absent").pulumi("preview")
    assert code == 1
    assert "__main__" in printed


def test_ctrl_c_is_quiet_and_quick(shell: Shells, host: Path, tmp_path: Path) -> None:
    if is_official(host):
        pytest.skip("the official host shows the program's traceback")
    slow = tmp_path / "slow.py"
    slow.write_text(SLOW)
    new = shell(slow)
    command = ["pulumi", "--non-interactive", "--color", "never", "up", "--yes", "--skip-preview", "--stack", "dev"]
    with subprocess.Popen(
        command,
        cwd=new.folder,
        env=new.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as engine:
        deadline = time.monotonic() + 30
        while not (new.folder / "running").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(engine.pid, signal.SIGINT)
        printed = engine.communicate(timeout=30)[0]
    assert engine.returncode == 1
    assert "error: update canceled" in printed
    assert "Traceback" not in printed
    assert "KeyboardInterrupt" not in printed


def test_about(shell: Shells) -> None:
    code, printed = shell(PROGRAMS / "exports.py").pulumi("about")
    assert code == 0
    assert re.search(r"^language +python +3\.259\.0$", printed, re.MULTILINE)
    assert f"This project is written in python: executable='{sys.prefix}/bin/python'" in printed
    assert re.search(r"^ruff +\d", printed, re.MULTILINE)
    assert "warning" not in printed.lower()
