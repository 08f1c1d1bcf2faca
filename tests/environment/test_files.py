"""Which files are environments, and how they are merged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatewright.diagnostics import Diagnostics
from gatewright.environment.files import FILE_SHAPE, Files
from gatewright.environment.model.environment_file import EnvironmentFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "catalog.yaml": "providers: {groq: {models: {a: {context: 1}}}}",
        "left.yaml": "extends: catalog.yaml\nroutes: {left: [groq/a]}",
        "right.yaml": "extends: catalog.yaml\nproviders: {groq: {models: {a: {context: 2}}}}",
        "both.yaml": "extends: [left.yaml, right.yaml]\nlocal: true",
        "prod.yaml": "extends: left.yaml\naccount: {env: A}",
        "empty.yaml": "",
        "broken.yaml": "account: [",
        "Pulumi.prod.yaml": "account: secret",
        "notes.txt": "account: none",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def read(files: Files, name: str, diagnostics: Diagnostics) -> EnvironmentFile:
    node = files.merged(name, diagnostics)
    assert node is not None
    file: EnvironmentFile = FILE_SHAPE.read(node, "", diagnostics)
    return file


def test_environments_have_an_account_or_are_local(folder: Path) -> None:
    assert Files(folder, "stacks").names() == ["both", "broken", "prod"]


def test_later_bases_override_earlier_ones(folder: Path) -> None:
    diagnostics = Diagnostics()
    node = Files(folder, "stacks").merged("both", diagnostics)
    assert diagnostics.diagnostics == ()
    assert node is not None
    assert node.at("providers", "groq", "models", "a").plain() == {"context": 2}  # type: ignore[union-attr]
    assert node.at("routes").plain() == {"left": ["groq/a"]}  # type: ignore[union-attr]


def test_environments_do_not_affect_each_other(folder: Path) -> None:
    files = Files(folder, "stacks")
    alone = Files(folder, "stacks").merged("prod", Diagnostics())
    files.merged("both", Diagnostics())
    after = files.merged("prod", Diagnostics())
    assert alone is not None
    assert after is not None
    assert after.plain() == alone.plain()


def test_an_error_in_a_shared_file_is_reported_for_every_environment(folder: Path) -> None:
    (folder / "catalog.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")
    files = Files(folder, "stacks")
    for name in ("prod", "both"):
        diagnostics = Diagnostics()
        files.merged(name, diagnostics)
        assert [str(diagnostic.location) for diagnostic in diagnostics.diagnostics] == ["stacks/catalog.yaml:2:1"]


def test_what_environments_share_is_read_once(folder: Path) -> None:
    (folder / "other.yaml").write_text("extends: both.yaml\nproviders: {groq: {plan: free}}")
    files, diagnostics = Files(folder, "stacks"), Diagnostics()
    both, other = (read(files, name, diagnostics) for name in ("both", "other"))
    assert other.providers["groq"].models["a"] is both.providers["groq"].models["a"]
    assert (other.providers["groq"].plan, both.providers["groq"].plan) == ("free", None)


def test_an_invalid_setting_of_a_shared_file_is_reported_for_every_environment(folder: Path) -> None:
    (folder / "catalog.yaml").write_text("providers: {groq: {models: {a: {context: none}}}}")
    (folder / "left.yaml").write_text("extends: catalog.yaml")
    (folder / "other.yaml").write_text("extends: left.yaml\nlocal: true")
    files = Files(folder, "stacks")
    for name in ("prod", "other"):
        diagnostics = Diagnostics()
        read(files, name, diagnostics)
        assert [each.path for each in diagnostics.diagnostics] == ["providers.groq.models.a.context"]


def test_names_follow_an_overridden_file(folder: Path) -> None:
    files = Files(folder, "stacks")
    files.names().clear()
    assert files.names() == ["both", "broken", "prod"]
    files.override("empty.yaml", "local: true")
    assert files.names() == ["both", "broken", "empty", "prod"]


def test_a_missing_file_is_reported(folder: Path) -> None:
    diagnostics = Diagnostics()
    assert Files(folder, "stacks").merged("nowhere", diagnostics) is None
    assert [diagnostic.code for diagnostic in diagnostics.diagnostics] == ["unreadable-file"]


def test_another_spelling_of_a_file_is_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base.yaml").touch()
    assert Files(tmp_path, "stacks").exists("base.yaml")
    monkeypatch.setattr(Path, "is_file", lambda _: True)  # as macOS answers for any spelling
    assert Files(tmp_path, "stacks").exists("base.yaml")
    assert not Files(tmp_path, "stacks").exists("Base.yaml")


def test_a_cycle_is_reported_for_every_environment(folder: Path) -> None:
    (folder / "catalog.yaml").write_text("extends: left.yaml\n", encoding="utf-8")
    files = Files(folder, "stacks")
    for name in ("prod", "both"):
        diagnostics = Diagnostics()
        assert files.merged(name, diagnostics) is None
        assert {diagnostic.code for diagnostic in diagnostics.diagnostics} == {"extends-cycle"}


def test_a_pipe_is_reported_and_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    files, diagnostics = Files(folder, "stacks"), Diagnostics()
    assert "pipe" in files.names()
    assert files.merged("pipe", diagnostics) is None
    (diagnostic,) = diagnostics.diagnostics
    assert diagnostic.message == "cannot be read: is a named pipe, not a regular file"


def test_a_device_is_reported(folder: Path) -> None:
    (folder / "zero.yaml").symlink_to("/dev/zero")
    diagnostics = Diagnostics()
    assert Files(folder, "stacks").merged("zero", diagnostics) is None
    assert [diagnostic.code for diagnostic in diagnostics.diagnostics] == ["outside-file"]


@pytest.mark.parametrize("extends", [True, False])
def test_a_symlink_out_of_the_folder_is_refused(tmp_path: Path, extends: bool) -> None:
    (tmp_path / "outside.yaml").write_text("local: true", encoding="utf-8")
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    (stacks / "link.yaml").symlink_to("../outside.yaml")
    (stacks / "prod.yaml").write_text("extends: link.yaml\nlocal: true", encoding="utf-8")
    diagnostics = Diagnostics()
    assert Files(stacks, "stacks").merged("prod" if extends else "link", diagnostics) is None
    (diagnostic,) = diagnostics.diagnostics
    assert "is a symlink that leads out of stacks" in diagnostic.message


def test_a_symlink_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("prod.yaml")
    diagnostics = Diagnostics()
    assert Files(folder, "stacks").merged("link", diagnostics) is not None
    assert diagnostics.diagnostics == ()


def test_a_name_with_control_characters_is_shown_escaped(folder: Path) -> None:
    (folder / "a\x1b[31m\n::error::b.yaml").write_text("local: true", encoding="utf-8")
    files, diagnostics = Files(folder, "stacks"), Diagnostics()
    name = "a\\x1b[31m\\n::error::b"
    assert name in files.names()
    assert all(name.isprintable() for name in files.names())
    assert files.merged(name, diagnostics) is None


def test_deep_yaml_is_reported(folder: Path) -> None:
    (folder / "deep.yaml").write_text("local: " + "[" * 100_000, encoding="utf-8")
    diagnostics = Diagnostics()
    assert Files(folder, "stacks").merged("deep", diagnostics) is None
    assert len(diagnostics.diagnostics) == 1


def test_the_shipped_catalog_is_extended_by_its_name(tmp_path: Path) -> None:
    text = "extends: gatewright:catalog\nlocal: true\nproviders: {groq: {models: {llama-3.1-8b: {context: 1}}}}"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    diagnostics = Diagnostics()
    node = Files(tmp_path, "stacks").merged("mine", diagnostics)
    assert diagnostics.diagnostics == ()
    assert node is not None
    key = node.at("providers", "groq", "key")
    assert key is not None
    assert key.location.file == "gatewright:catalog"
    model = node.at("providers", "groq", "models", "llama-3.1-8b")
    assert model is not None
    assert str(model.at("context").location) == "stacks/mine.yaml:3:53"  # type: ignore[union-attr]
    assert model.at("id").location.file == "gatewright:catalog"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("gatewright:catalog@1.0", "unknown-file", "the version of the catalog is that of the installed gatewright"),
        ("gatewright:other", "bad-form", "or gatewright:catalog"),
    ],
)
def test_another_shipped_file_is_refused(tmp_path: Path, name: str, code: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(f"extends: {name}\nlocal: true", encoding="utf-8")
    diagnostics = Diagnostics()
    assert Files(tmp_path, "stacks").merged("mine", diagnostics) is None
    (diagnostic,) = diagnostics.diagnostics
    assert diagnostic.code == code
    assert message in diagnostic.message
