"""What is installed or downloaded has a digest in this repository; the SBOM names what a release brings."""

from __future__ import annotations

import hashlib
import re
import subprocess
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from sbom import brought_by, only_released

from gatewright import __version__
from gatewright.engine.versions import MINIMUM, format_version
from gatewright.facts.engine_archives import DIGESTS

ROOT = Path(__file__).parents[1]


def tracked(*patterns: str) -> list[str]:
    command = ["git", "ls-files", *patterns]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("name", tracked("*.lock"))
def test_every_package_in_a_lock_file_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = [line for line in re.sub(r"\\\n", " ", text).splitlines() if line and not line.startswith("#")]
    assert packages
    assert [line for line in packages if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_nothing_is_installed_without_hashes() -> None:
    """`requirements.txt` of a caller has hashes, which pip then requires: `init` writes it."""
    files = tracked("Makefile", "*.sh", ".ci/*", ".github/workflows/*", "action.yml")
    for name in files:
        text = re.sub(r"\\\n", " ", (ROOT / name).read_text())
        installs = re.findall(r"^(?!.*\becho ).*(?:pip\b.* install|npm install|npx)\b.*$", text, re.MULTILINE)
        free = [line for line in installs if "--require-hashes" not in line and "requirements.txt" not in line]
        assert free == [], name


def test_every_archive_of_the_engine_has_a_digest() -> None:
    digests = DIGESTS[format_version(MINIMUM)]
    assert digests.keys() == {f"{system}-{machine}" for system in ("linux", "darwin") for machine in ("x64", "arm64")}
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests.values())
    assert len({*digests.values()}) == len(digests)


def test_the_sbom_has_what_the_wheel_brings_and_nothing_else(tmp_path: Path) -> None:
    def component(name: str) -> dict[str, str]:
        return {"bom-ref": name, "name": name}

    document: dict[str, Any] = {
        "metadata": {"component": component("gatewright")},
        "components": [component(name) for name in ("click", "httpx", "anyio", "pytest", "pluggy")],
        "dependencies": [
            {"ref": "gatewright", "dependsOn": ["click", "httpx"]},
            {"ref": "httpx", "dependsOn": ["anyio", "pytest"]},
            {"ref": "anyio"},
            {"ref": "pytest", "dependsOn": ["pluggy"]},
        ],
    }
    wheel = tmp_path / "gatewright.whl"
    wheel.write_bytes(b"a wheel")
    result = only_released(document, wheel, {"click", "httpx", "anyio"})
    assert [entry["name"] for entry in result["components"]] == ["click", "httpx", "anyio"]
    assert {entry["ref"]: entry["dependsOn"] for entry in result["dependencies"]} == {
        "gatewright": ["click", "httpx"],
        "httpx": ["anyio"],
        "anyio": [],
    }
    root = result["metadata"]["component"]
    assert (root["version"], root["purl"]) == (__version__, f"pkg:pypi/gatewright@{__version__}")
    assert root["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"a wheel").hexdigest()}]


def test_a_release_brings_no_tool_of_development() -> None:
    brought = brought_by("gatewright")
    assert {"click", "httpx", "anyio", "pulumi", "pulumi-cloudflare"} <= brought
    assert brought.isdisjoint({"pytest", "ruff", "mypy", "hatchling", "cyclonedx-bom"})


@pytest.mark.nightly
def test_make_sbom_describes_the_wheel() -> None:
    """With the real tool, which make installs; the wheel is a fake, since only its digest is read."""
    dist = ROOT / ".gatewright" / "dist"
    dist.mkdir(parents=True, exist_ok=True)
    wheel = dist / f"gatewright-{__version__}-py3-none-any.whl"
    if not wheel.exists():
        wheel.write_bytes(b"a wheel")
    result = subprocess.run(["make", "sbom"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    text = (dist / f"gatewright-{__version__}.cdx.json").read_text()
    names = {name.lower().replace("_", "-") for name in re.findall(r'"purl": "pkg:pypi/([^@"]+)@', text)}
    direct = {re.split(r"[^\w.-]", each)[0].lower().replace("_", "-") for each in requires("gatewright") or ()}
    assert direct <= names
    assert names.isdisjoint({"pytest", "ruff", "mypy", "hatchling", "cyclonedx-bom"})


@pytest.mark.nightly
def test_make_audit_reads_every_lock_file_and_the_workflows() -> None:
    result = subprocess.run(["make", "audit", "AUDIT=--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    locks = [*ROOT.glob("*.lock"), *ROOT.glob("tests/*.lock"), *ROOT.glob("website/*.lock")]
    assert result.stderr.count("would have audited") == len(locks) + 1  # the engine's Go
