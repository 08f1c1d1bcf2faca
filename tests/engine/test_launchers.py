from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatewright.engine.launchers import (
    PLUGIN,
    is_official,
    official_plugin,
    place_cloudflare_plugin,
    place_language_host,
    plugin_folder,
    write_launcher,
)
from gatewright.project import Project

ELF = b"\x7fELF"


def install_official(home: Path) -> Path:
    plugin = plugin_folder(home) / PLUGIN
    plugin.parent.mkdir(parents=True)
    plugin.write_bytes(ELF)
    plugin.chmod(0o755)
    return plugin


def test_a_launcher_runs_its_module_from_anywhere(project: Project, tmp_path: Path) -> None:
    launcher = project.root / "run json"
    write_launcher(launcher, "json.tool")
    (tmp_path / "json.py").write_text("raise SystemExit('the working directory must not be searched')")
    (tmp_path / "a b.json").write_text('{"a": 1}')
    result = subprocess.run(
        [launcher, "--compact", "a b.json"], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True
    )
    assert result.stdout == '{"a":1}\n'


def test_a_launcher_is_written_only_when_it_changes(project: Project) -> None:
    launcher = project.root / "launcher"
    write_launcher(launcher, "one")
    before = launcher.stat()
    write_launcher(launcher, "one")
    assert launcher.stat().st_ino == before.st_ino
    write_launcher(launcher, "two")
    assert "-m two " in launcher.read_text()
    assert launcher.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in project.root.iterdir() if path.is_file()].count("launcher") == 1


def test_an_official_language_host_stays(project: Project) -> None:
    host = project.root / "pulumi-language-python"
    host.write_bytes(ELF)
    place_language_host(project.root)
    assert host.read_bytes() == ELF


def test_the_stand_in_serves_where_there_is_no_official_plugin(project: Project) -> None:
    place_cloudflare_plugin(project)
    assert "gatewright.local.cloudflare_plugin" in (plugin_folder(project.pulumi_home) / PLUGIN).read_text()


def test_the_official_plugin_replaces_the_stand_in_while_it_is_installed(project: Project, tmp_path: Path) -> None:
    place = plugin_folder(project.pulumi_home) / PLUGIN
    place_cloudflare_plugin(project)
    official = install_official(tmp_path / "home" / ".pulumi")
    for _ in range(2):
        place_cloudflare_plugin(project)
        assert place.readlink() == official
        assert [path.name for path in place.parent.iterdir()] == [PLUGIN]
    official.unlink()
    place_cloudflare_plugin(project)
    assert not place.is_symlink()
    assert not is_official(place)


def test_the_local_stacks_home_is_not_the_users(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(project.pulumi_home))
    install_official(project.pulumi_home)
    assert official_plugin(project) is None
