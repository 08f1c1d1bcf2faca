"""`make test-package`: the installed package in a user's repository, without a clone of gatewright.

From `pip install` to the first answer, with the real OpenClaw, an edit, plain Pulumi, a project from a client's own
file, and an upgrade from an earlier version.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from clients.programs.install import RegistryUnreachableError, ensure_program
from clients.programs.tested_program import PROGRAMS

from gatewright import __version__
from gatewright.clients import CLIENTS

from .installed import Installed, build_wheel, write_constraints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.engine.find import Engine
    from gatewright.project import Project

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

EARLIER = "0.0.9"
NINE_MODELS = "tests/operations/importing/projects/openclaw-nine-models-in-four-providers/openclaw.json"

OPENCLAW = """\
// mine, written by hand
{
  channels: { telegram: { enabled: false } },
  models: {
    mode: "merge",
    providers: {
      nvidia: {
        baseUrl: "https://integrate.api.nvidia.com/v1",
        apiKey: "nvapi-FAKE-FAKE-FAKE-FAKE-FAKE", // the old key
        api: "openai-completions",
        models: [{ id: "example/glm", name: "GLM", contextWindow: 64000 }],
      },
    },
  },
  agents: { defaults: { workspace: "~/work", model: { primary: "nvidia/example/glm" } } },
}
"""


@pytest.fixture
def user(engine: Engine, tmp_path: Path) -> Iterator[Installed]:
    user = Installed.create(engine, tmp_path)
    yield user
    for folder in (path.parent for path in tmp_path.glob("*/Pulumi.yaml")):
        replace(user, folder=folder).gatewright("local", "stop")


def test_from_pip_install_to_an_upgrade(
    user: Installed, checkout: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    constraints = write_constraints(checkout.root / "requirements.lock", tmp_path / "constraints.txt")
    wheel = build_wheel(checkout.root, tmp_path / "wheel")
    earlier = build_wheel(checkout.root, tmp_path / "earlier", EARLIER)

    started = time.monotonic()
    user.pip_install(wheel, "--constraint", constraints)
    installed = time.monotonic()
    files = create_and_deploy(user)
    answered = time.monotonic()
    with capsys.disabled():
        print(f"\n  pip install {installed - started:.0f} s, first answer after {answered - started:.0f} s")  # noqa: T201
        print(f"  init wrote {files} files")  # noqa: T201

    openclaw_answers(user, checkout)
    edit_and_deploy(user)
    plain_pulumi(user)
    project_from_own_file(user.at(tmp_path / "from a file"), checkout)
    upgrade(user.at(tmp_path / "upgraded"), earlier, wheel)


def create_and_deploy(user: Installed) -> int:
    """Create a project and deploy it; the number of files that init wrote."""
    created = user.gatewright("init", "--yes", "--clients", "openclaw,pi")
    assert "Next:" in created
    user.use_free_port()
    first = user.gatewright("up", "local")
    assert "dynamic/fast answered by" in first
    assert "make " not in first
    assert "gateway agents-local" not in user.gatewright("up", "local")
    doctor = user.gatewright("doctor")
    assert str(user.environment) in doctor
    assert "make " not in doctor
    files = created.count("created ")
    assert files <= 6
    return files


def openclaw_answers(user: Installed, checkout: Project) -> None:
    """Install into the file of another home, where the real OpenClaw answers through the gateway."""
    tested = replace(PROGRAMS["openclaw"], version=CLIENTS["openclaw"].capabilities.checked)
    try:
        program = ensure_program(checkout, tested, lambda _: None)
    except RegistryUnreachableError as error:
        pytest.skip(str(error))
    home = user.home.with_name("Zoë's home")
    own_file = home / ".openclaw" / "openclaw.json"
    own_file.parent.mkdir(parents=True)
    own_file.write_text(OPENCLAW, encoding="utf-8")
    user.gatewright("install", "local", "openclaw", "--yes", home=home)
    merged = own_file.read_text(encoding="utf-8")
    assert merged.startswith("// mine, written by hand")
    assert "nvapi-FAKE" in merged
    assert "${CLOUDFLARE_AI_GATEWAY_TOKEN}" in merged
    ask = ["infer", "model", "run", "--local", "--model", "agents-local/dynamic/fast", "--prompt", "What is 2+2?"]
    shell = replace(user, path=f"{program.folder}:{user.path}")
    openclaw = [*map(str, program.command), *ask]
    assert "heard: What is 2+2?" in shell.gatewright("run", "local", "--", *openclaw, home=home)


def edit_and_deploy(user: Installed) -> None:
    """Change a setting, preview it, deploy it, and find no drift."""
    user.edit("stacks/base.yaml", "600 requests/minute", "500 requests/minute")
    assert "500 requests/minute" in user.gatewright("preview", "local", code=2)
    output = user.gatewright("up", "local", "--format", "json")
    applied = json.loads(output[output.index("{\n") :])
    assert applied["environments"][0]["hasChanges"]
    assert "clean" in user.gatewright("drift", "local")
    assert "gatewright:catalog:" in user.gatewright("explain", "local", "providers.groq.key")


def plain_pulumi(user: Installed) -> None:
    """Preview with Pulumi's own program."""
    setup = user.gatewright("engine", "env", "local")
    plain = user.shell(["/bin/sh", "-c", f"{setup}\npulumi preview --expect-no-changes --non-interactive"])
    assert re.search(r"\d+ unchanged", plain)


def project_from_own_file(user: Installed, checkout: Project) -> None:
    """A project from a hand-made file with nine models in four providers; no key is copied."""
    own_file = user.home / "openclaw.json"
    own_file.write_bytes((checkout.root / NINE_MODELS).read_bytes())
    created = user.gatewright("init", "--from", str(own_file))
    assert "4 providers, 9 models" in created
    user.use_free_port()
    assert "FAKE-FAKE" not in "".join(path.read_text() for path in user.folder.glob("stacks/*.yaml"))
    assert "local: valid" in user.gatewright("validate", "local")
    user.gatewright("up", "local")


def upgrade(user: Installed, earlier: Path, newer: Path) -> None:
    """A project of an earlier version, upgraded; the second up changes nothing, and the earlier version then stops."""
    user.pip_install("--no-deps", "--force-reinstall", earlier)
    assert user.gatewright("--version").startswith(f"gatewright {EARLIER}\n")
    user.gatewright("init", "--yes")
    user.use_free_port()
    user.gatewright("up", "local")
    user.pip_install("--no-deps", newer)
    assert f"requirements.txt pins {EARLIER}, and {__version__} is installed" in user.gatewright("doctor", code=1)
    assert f"+gatewright=={__version__}" in user.gatewright("upgrade", "--yes")
    assert "unchanged" in user.gatewright("upgrade")
    user.gatewright("preview", "local")  # exits with 2 if anything would change
    user.gatewright("up", "local")
    user.pip_install("--no-deps", "--force-reinstall", earlier)
    assert f"gatewright {__version__} wrote the state of stack local" in user.gatewright("up", "local", code=64)
    user.pip_install("--no-deps", newer)
