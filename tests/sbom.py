"""`make sbom`: a CycloneDX document of the built wheel and all packages that an installation of it brings.

cyclonedx-py describes this checkout's environment, which requirements.lock pins; what only development needs is left
out.
`python tests/sbom.py FOLDER` writes it beside the wheel in FOLDER.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gatewright import __version__

if TYPE_CHECKING:
    from collections.abc import Collection

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".gatewright" / "release"
"""The folder into which make installs cyclonedx-py."""
_RUN = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('cyclonedx_py', run_name='__main__')"
"""On sys.path of this process only: by PYTHONPATH, its own packages would be listed too."""

Json = dict[str, Any]


def describe_environment() -> Json:
    """The CycloneDX document of all installed packages."""
    arguments = ["environment", "--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON", "--validate"]
    command = [sys.executable, "-c", _RUN, str(TOOLS), *arguments, sys.executable]
    document: Json = json.loads(subprocess.check_output(command, cwd=ROOT, timeout=600))
    return document


def brought_by(package: str) -> set[str]:
    """The normalised names of all packages that an installation of `package` brings on this machine.

    cyclonedx-py takes optional dependencies for needed ones where they happen to be installed.
    """
    brought: set[str] = set()
    pending = [(package, "")]
    while pending:
        name, extra = pending.pop()
        for requirement in map(Requirement, requires(name) or ()):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            if (needed := canonicalize_name(requirement.name)) not in brought:
                brought.add(needed)
                pending += [(needed, extra) for extra in ("", *requirement.extras)]
    return brought


def only_released(document: Json, wheel: Path, brought: Collection[str]) -> Json:
    """The document with the wheel as its root, and only the packages of `brought`."""
    root = document["metadata"]["component"]
    root |= {"version": __version__, "purl": f"pkg:pypi/{root['name']}@{__version__}"}
    root["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}]
    kept = [entry for entry in document["components"] if canonicalize_name(entry["name"]) in brought]
    refs = {root["bom-ref"], *(entry["bom-ref"] for entry in kept)}
    document["components"] = kept
    document["dependencies"] = [
        {**entry, "dependsOn": [ref for ref in entry.get("dependsOn", ()) if ref in refs]}
        for entry in document["dependencies"]
        if entry["ref"] in refs
    ]
    return document


def main(folder: Path) -> int:
    """Write the document beside the wheel in `folder`; the exit code."""
    wheels = sorted(folder.glob(f"gatewright-{__version__}-*.whl"))
    if not wheels:
        print(f"{folder} has no wheel of {__version__}: make release-check", file=sys.stderr)  # noqa: T201
        return 1
    document = only_released(describe_environment(), wheels[0], brought_by("gatewright"))
    file = folder / f"gatewright-{__version__}.cdx.json"
    file.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{file}: {len(document['components'])} packages")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
