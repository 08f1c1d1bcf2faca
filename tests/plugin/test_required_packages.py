"""The plugins that installed packages require."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gatewright.errors import EngineError
from gatewright.plugin.required_packages import required_packages

if TYPE_CHECKING:
    from pathlib import Path


def required(folder: Path) -> dict[str, str]:
    return {package.name: package.version for package in required_packages([folder, folder / "absent"])}


def install(folder: Path, module: str, version: str, plugin_file: object = None) -> None:
    (folder / f"{module}-{version}.dist-info").mkdir(parents=True)
    (folder / module).mkdir(exist_ok=True)
    if plugin_file is not None:
        (folder / module / "pulumi-plugin.json").write_text(json.dumps(plugin_file))


def test_required_by_plugin_file_and_by_name(tmp_path: Path) -> None:
    install(tmp_path, "pulumi", "3.272.0")
    install(tmp_path, "pulumi_cloudflare", "6.23.1", {"resource": True, "name": "cloudflare", "version": "6.23.1"})
    install(tmp_path, "pulumi_random", "4.18.3")
    install(tmp_path, "pulumi_policy", "1.20.0")
    install(tmp_path, "pulumi_esc_sdk", "0.1.0")
    install(tmp_path, "pulumi_components", "1.0.0", {"resource": False})
    install(tmp_path, "acme", "2.0", {"resource": True, "name": "acme"})
    install(tmp_path, "requests", "2.0")
    assert required(tmp_path) == {"acme": "v2.0.0", "cloudflare": "v6.23.1", "random": "v4.18.3"}


@pytest.mark.parametrize(
    ("package", "plugin"),
    [
        ("1", "v1.0.0"),
        ("1.2.3a4", "v1.2.3-alpha.4"),
        ("1.2b3", "v1.2.0-beta.3"),
        ("1.2.3rc4", "v1.2.3-rc.4"),
        ("1.2.3.post4", "v1.2.3+post4"),
        ("1.2.3.post4.dev5", "v1.2.3+post4dev5"),
        ("1.2.3.dev5", "v1.2.3+dev5"),
    ],
)
def test_versions(tmp_path: Path, package: str, plugin: str) -> None:
    install(tmp_path, "pulumi_x", package)
    assert required(tmp_path) == {"x": plugin}


@pytest.mark.parametrize("package", ["1!2.0", "1.0+local", "nonsense"])
def test_other_versions_are_left_out(tmp_path: Path, package: str) -> None:
    install(tmp_path, "pulumi_x", package)
    assert required(tmp_path) == {}


def test_an_invalid_plugin_file_is_an_error(tmp_path: Path) -> None:
    install(tmp_path, "acme", "1.0")
    (tmp_path / "acme" / "pulumi-plugin.json").write_text("{")
    with pytest.raises(EngineError, match=r"acme/pulumi-plugin\.json is not JSON"):
        required(tmp_path)
