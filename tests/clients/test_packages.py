"""A client is one package: it is discovered by itself, names a missing piece, and is imported piece by piece."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES, CLIENTS
from gatewright.clients.common.package import PIECES, ClientPackage, MissingPieceError
from gatewright.clients.common.program import Precedence

from .programs.tested_program import PROGRAMS

HERE = Path(__file__).parent
COMPLETE = {
    "__init__": "CAPABILITIES = PROGRAM = 1\n",
    "files": "files = variables = 1\n",
    "installation": "installation = 1\n",
}


def zed(folder: Path, monkeypatch: pytest.MonkeyPatch, modules: dict[str, str]) -> ClientPackage:
    """A package with these modules."""
    package = folder / f"zed_{folder.name}"
    package.mkdir()
    for name, text in modules.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    return ClientPackage(package.name)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_complete(client: str) -> None:
    CLIENTS[client].require_complete()


@pytest.mark.parametrize(("module", "piece"), PIECES)
def test_a_missing_piece_is_named(module: str, piece: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = COMPLETE[module].replace(f"{piece} = ", "", 1)
    package = zed(tmp_path, monkeypatch, COMPLETE | {module: text})
    with pytest.raises(MissingPieceError, match=rf"zed_\w+/{module}\.py must define {piece}$"):
        package.require_complete()


@pytest.mark.parametrize(("module", "piece"), [("files", "files"), ("installation", "installation")])
def test_a_missing_module_is_named(module: str, piece: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = zed(tmp_path, monkeypatch, {name: text for name, text in COMPLETE.items() if name != module})
    with pytest.raises(MissingPieceError, match=rf"/{module}\.py must define {piece}$"):
        package.require_complete()


@pytest.mark.parametrize("client", PROGRAMS)
def test_every_program_has_its_tests(client: str) -> None:
    """tested_program.py reads program.yaml; PROGRAM names a package of npm, or one of PyPI with a lock file."""
    assert (HERE / client / f"test_{client.replace('-', '_')}.py").is_file()
    tested = PROGRAMS[client]
    if tested.program.package.endswith("(PyPI)"):
        package = tested.program.package.split()[0]
        pins = {"program": CAPABILITIES[client].checked, **({"oldest": tested.oldest} if tested.oldest else {})}
        for name, version in pins.items():
            assert (HERE / client / f"{name}.in").read_text() == f"{package}=={version}\n"
            lock = (HERE / client / f"{name}.lock").read_text()
            assert f"\n{package.partition('[')[0]}=={version} " in lock
    else:
        assert tested.program.package.endswith("(npm)")


def test_an_import_that_fails_inside_a_module_is_not_a_missing_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = zed(tmp_path, monkeypatch, COMPLETE | {"files": "import no_such_module\n"})
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        package.require_complete()


def test_checking_an_environment_imports_neither_files_nor_installations() -> None:
    code = "import sys, gatewright.workspace; print(*(name for name in sys.modules if name.startswith('gatewright')))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "gatewright.clients.openclaw" in modules
    assert not [name for name in modules if name.endswith((".files", ".installation")) and ".clients." in name]


@pytest.mark.parametrize(
    "precedence",
    [package.program.precedence for package in CLIENTS.values() if package.program and package.program.precedence],
    ids=[name for name, package in CLIENTS.items() if package.program and package.program.precedence],
)
def test_the_installed_file_has_one_place_in_the_precedence(precedence: Precedence) -> None:
    assert sum("{installed}" in source for source in precedence.settings) == 1
    assert sum("{variable}" in source for source in precedence.credential) == 1
