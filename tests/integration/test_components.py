"""The examples with the engine, and the component package from a folder outside the clone."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright_components.plugin import PACKAGE

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from gatewright.project import Project

    from .clone import Changes, Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

PLUGIN_FILES = ("PulumiPlugin.yaml", "__main__.py", "gatewright_components")
KEPT = ("type", "id", "custom", "inputs", "outputs", "parent")
EXISTING = {
    "id": "team",
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 60,
    "rate_limiting_limit": 600,
}
"""A gateway that no program manages."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program in `folder`, in the backend and with the Cloudflare of a clone."""

    clone: Clone
    folder: Path

    def create_stack(self, **config: str) -> None:
        """Create the stack with its configuration and the address of the local Cloudflare."""
        self.pulumi("stack", "init", "local")
        address = {"baseUrl": control_plane_url(self.clone.port), "apiToken": LOCAL_DEPLOY_TOKEN}
        values = {
            f"{plugin}:{name}": value for plugin in ("cloudflare", "gatewright") for name, value in address.items()
        }
        settings = [f"{name}={value}" for name, value in {**config, **values}.items()]
        kinds = ["--secret" if "Token" in setting or "Key" in setting else "--plaintext" for setting in settings]
        self.pulumi("config", "set-all", *(word for pair in zip(kinds, settings, strict=True) for word in pair))

    def pulumi(self, *arguments: str) -> str:
        return self.clone.pulumi("-C", str(self.folder), *arguments)

    def up(self) -> Changes:
        return self.clone.up("-C", str(self.folder))

    def resources(self) -> dict[str, Any]:
        """The resources of the stack by URN, without plugins; secrets in clear."""
        exported = json.loads(self.pulumi("stack", "export", "--show-secrets"))["deployment"]["resources"]
        return {
            resource["urn"]: {name: resource.get(name) for name in KEPT}
            for resource in exported
            if not resource["type"].startswith("pulumi:providers:")
        }


def example(clone: Clone, checkout: Project, name: str) -> Program:
    """An example, copied into the clone."""
    folder = clone.project.root / "examples" / name
    shutil.copytree(checkout.root / "examples" / name, folder)
    return Program(clone, folder)


def remote_program(clone: Clone, checkout: Project, folder: Path) -> Program:
    """The YAML example as a program in `folder`, which has a copy of the component package beside it."""
    package, program = folder / "components", folder / "program"
    package.mkdir()
    for name in PLUGIN_FILES:
        (package / name).symlink_to(checkout.root / "components" / name)
    (package / ".venv").symlink_to(checkout.root / ".venv")
    program.mkdir()
    text = (checkout.root / "examples/yaml-program/Pulumi.yaml").read_text()
    (program / "program.yaml").write_text(text)
    project = {key: value for key, value in yaml.safe_load(text).items() if key not in ("resources", "outputs")}
    project |= {"runtime": "python", "packages": {PACKAGE: str(package)}}
    (program / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    shutil.copy(Path(__file__).with_name("programs") / "remote.py", program / "__main__.py")
    return Program(clone, program)


@pytest.fixture(scope="module")
def started(clones: Clones, pair: Pair) -> Clone:
    """A clone whose Cloudflare runs."""
    clone = clones(pair)
    clone.start()
    return clone


def test_remote_components_register_the_resources_of_the_python_program(
    started: Clone, checkout: Project, tmp_path: Path
) -> None:
    remote = remote_program(started, checkout, tmp_path)
    remote.create_stack(account=LOCAL_ACCOUNT, groqKey="fake-key-of-groq")
    assert len(remote.up()) == len(remote.resources()) == 11
    assert remote.up() == {}
    after = remote.resources()

    python = example(started, checkout, "python-program")
    shutil.copy(remote.folder / "Pulumi.local.yaml", python.folder)
    assert python.up() == {}
    assert python.resources() == after
    token = json.loads(python.pulumi("stack", "output", "--json", "--show-secrets"))["token"]
    assert started.ask(token, gateway="agents").is_success


def test_the_engine_accepts_the_schema_of_the_package(started: Clone, checkout: Project, tmp_path: Path) -> None:
    remote_program(started, checkout, tmp_path)
    printed = started.pulumi("package", "get-schema", str(tmp_path / "components"))
    schema = json.loads(printed[printed.index("{") :])
    assert (schema["name"], len(schema["resources"])) == (PACKAGE, 8)
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    started.pulumi("schema", "check", str(tmp_path / "schema.json"))


def test_components_beside_existing_infrastructure(started: Clone, checkout: Project) -> None:
    started.api("POST", "/ai-gateway/gateways", json=EXISTING)
    (zone,) = started.api("GET", "/zones", below="")
    program = example(started, checkout, "existing-infrastructure")
    program.create_stack(account=LOCAL_ACCOUNT, zone=zone["id"], domain=zone["name"], gateway="team")
    host = f"ai.{zone['name']}"
    assert {
        *("AccountToken chat", "CustomDomain " + host, "DnsRecord " + host, "DnsRecord website", "DynamicRoute chat")
    } < program.up().keys()
    assert not [urn for urn in program.resources() if "AiGateway" in urn]
