"""Setup as make runs it: bootstrap.py by a system Python, in a small checkout with its packages in a folder."""

from __future__ import annotations

import ast
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatewright.setup.failures import explain_output

ROOT = Path(__file__).parents[1]
PYTHON = getattr(sys, "_base_executable", sys.executable)

BACKEND = """
import pathlib, zipfile
def get_requires_for_build_editable(config_settings=None): return []
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "tool-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("tool-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tool\\nVersion: 1.0\\n")
        wheel.writestr("tool-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tool-1.0.dist-info/RECORD", "")
    return name
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def make_wheel(folder: Path, name: str) -> str:
    """Write a wheel with one module and return its line for a lock."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    files = {
        f"{name}.py": "",
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{file},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},\n"
        for file, text in files.items()
    )
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in {**files, f"{name}-1.0.dist-info/RECORD": record}.items():
            wheel.writestr(file, text)
    return f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Checkout:
    """A checkout in a folder with a space in its name, and the folder of wheels that replaces the index."""

    def __init__(self, root: Path, wheels: Path) -> None:
        self.root = root
        self.wheels = wheels
        self.venv = root / ".venv"
        self.lock = root / "requirements.lock"

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri(), **variables}
        return subprocess.run(
            [*(command or (PYTHON, "bootstrap.py"))],
            cwd=self.root,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def has(self, module: str) -> bool:
        return subprocess.run([self.venv / "bin" / "python", "-c", f"import {module}"], check=False).returncode == 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root, wheels = tmp_path / "a folder" / "clone", tmp_path / "wheels"
    wheels.mkdir()
    (root / "gatewright").mkdir(parents=True)
    shutil.copy(ROOT / "bootstrap.py", root)
    shutil.copy(ROOT / "Makefile", root)
    shutil.copy(ROOT / "gatewright" / "__init__.py", root / "gatewright")
    shutil.copytree(ROOT / "gatewright" / "setup", root / "gatewright" / "setup")
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    checkout = Checkout(root, wheels)
    checkout.lock.write_text("# a comment with a==1\n" + make_wheel(wheels, "one") + make_wheel(wheels, "two"))
    return checkout


def test_the_first_run_creates_it_and_the_second_changes_nothing(checkout: Checkout) -> None:
    first = checkout.run("make", "setup", f"PYTHON={PYTHON}")
    assert first.returncode == 0, first.stderr
    assert "virtual environment, 2 packages" in first.stdout
    assert checkout.has("one")
    assert checkout.has("two")
    created = (checkout.venv / "pyvenv.cfg").stat().st_mtime_ns
    second = checkout.run()
    assert second.stdout.endswith("unchanged\n")
    assert (checkout.venv / "pyvenv.cfg").stat().st_mtime_ns == created


@pytest.mark.nightly
@pytest.mark.parametrize("change", ["interrupted", "python gone", "another lock", "moved"])
def test_an_incomplete_environment_is_created_again(checkout: Checkout, change: str) -> None:
    assert checkout.run().returncode == 0
    (checkout.venv / "old").touch()
    match change:
        case "interrupted":
            (checkout.venv / "gatewright-stamp").unlink()
        case "python gone":
            (checkout.venv / "bin" / "python").unlink()
        case "another lock":
            checkout.lock.write_text(make_wheel(checkout.wheels, "three"))
        case "moved":
            moved = checkout.root.with_name("moved here")
            checkout.root.rename(moved)
            checkout = Checkout(moved, checkout.wheels)
    result = checkout.run()
    assert result.returncode == 0, result.stderr
    assert not (checkout.venv / "old").exists()
    assert checkout.has("three" if change == "another lock" else "one")
    assert checkout.has("two") is (change != "another lock")


@pytest.mark.long
def test_changed_metadata_keeps_the_packages(checkout: Checkout) -> None:
    assert checkout.run().returncode == 0
    (checkout.venv / "old").touch()
    (checkout.root / "pyproject.toml").write_text(PYPROJECT + "# changed\n")
    assert not checkout.run().stdout.endswith("unchanged\n")
    assert (checkout.venv / "old").exists()
    assert checkout.run().stdout.endswith("unchanged\n")


@pytest.mark.long
def test_parallel_runs_create_one_complete_environment(checkout: Checkout) -> None:
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: checkout.run(), range(3)))
    assert [result.returncode for result in results] == [0, 0, 0]
    assert checkout.has("one")
    assert checkout.run().stdout.endswith("unchanged\n")


@pytest.mark.long
@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (
            {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"},
            "packages cannot be reached: check network",
        ),
        ({"PIP_FIND_LINKS": ""}, "lacks a pinned package"),
    ],
)
def test_unreachable_packages_are_one_line(checkout: Checkout, variables: dict[str, str], line: str) -> None:
    result = checkout.run(**variables)
    assert result.returncode == 1
    assert line in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert checkout.run().returncode == 0


def test_a_package_with_another_hash_is_refused(checkout: Checkout) -> None:
    checkout.lock.write_text(re.sub(r"sha256:\w+", "sha256:" + "0" * 64, checkout.lock.read_text()))
    result = checkout.run()
    assert result.returncode == 1
    assert "not what is pinned" in result.stderr
    assert not (checkout.venv / "gatewright-stamp").exists()


def test_a_python_without_venv_names_the_package(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError('as on Debian without python3-venv')")
    result = checkout.run(PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_file_in_the_way_is_not_removed(checkout: Checkout) -> None:
    checkout.venv.write_text("mine")
    result = checkout.run()
    assert "in the way" in result.stderr
    assert checkout.venv.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable_is_one_line(checkout: Checkout) -> None:
    checkout.root.chmod(0o555)
    try:
        result = checkout.run()
    finally:
        checkout.root.chmod(0o755)
    assert "is not writable" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_old_python_prints_which_version_is_needed(checkout: Checkout) -> None:
    source = (ROOT / "bootstrap.py").read_text()
    ast.parse(source, feature_version=(3, 4))
    code = "import sys; sys.version_info = (3, 6, 15); exec(open('bootstrap.py').read())"
    result = checkout.run(PYTHON, "-c", code)
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed, this one is 3.6" in result.stderr
    assert "make PYTHON=" in result.stderr


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not what is pinned"),
        ("NewConnectionError(...): Temporary failure in name resolution", "packages cannot be reached"),
        ("warning: x\nERROR: a new failure\nmore", "ERROR: a new failure (full output: setup.log)"),
        ("", "no output (full output: setup.log)"),
    ],
)
def test_a_failure_is_explained_in_one_line(output: str, line: str) -> None:
    assert explain_output(output, Path("setup.log")).startswith(line) or line in explain_output(
        output, Path("setup.log")
    )


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        "gatewright/engine/go.lock",
        "tests/mutants.lock",
        "tests/release.lock",
        "tests/bench.lock",
        "tests/browser.lock",
        "tests/s3.lock",
        "website/site.lock",
    ],
)
def test_a_lock_has_hashes_and_no_host_or_folder(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "make lock" in text
    requirements = [line for line in text.splitlines() if "==" in line]
    assert requirements
    assert all(line.endswith("\\") for line in requirements)
    paths = [line for line in text.splitlines() if line.startswith(("-", "/", ".", "    /"))]
    assert paths == []
