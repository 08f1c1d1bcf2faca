"""The files of a new project."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from gatewright import __version__
from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.errors import GatewrightError, InvalidEnvironmentError, UsageError
from gatewright.io.requirements_text import recorded_digests
from gatewright.operations.add_workflows import add_workflows
from gatewright.operations.caller_workflows import GUIDE, REPOSITORY
from gatewright.operations.init import Choices, plan_project, write_project
from gatewright.operations.upgrade import plan_upgrade
from gatewright.project import Project

FILES = ["Pulumi.yaml", "__main__.py", "requirements.txt", "stacks/base.yaml", "stacks/local.yaml"]


def create(root: Path, **choices: object) -> Project:
    write_project(plan_project(root, Choices(**choices)))  # type: ignore[arg-type]
    return Project.find(root)


def errors(project: Project, name: str) -> list[str]:
    loaded = load(Files(project.stacks, "stacks"), name, CAPABILITIES, {})
    return [str(diagnostic) for diagnostic in loaded.diagnostics if loaded.environment is None]


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_defaults_are_a_valid_project_of_six_files(tmp_path: Path) -> None:
    root = tmp_path / "my gate"
    created = write_project(plan_project(root, Choices()))
    assert created == [*FILES, ".gitignore"]
    assert errors(Project.find(root), "local") == []


@pytest.mark.parametrize("client", CAPABILITIES)
def test_every_client_gets_a_model_that_it_can_use(tmp_path: Path, client: str) -> None:
    providers = ("anthropic", "google-ai-studio", "openai", "workers-ai")
    project = create(tmp_path, clients=(client,), providers=providers)
    assert errors(project, "local") == []


def test_the_emitted_program_and_names_are_valid(tmp_path: Path) -> None:
    project = create(tmp_path / "Zoë's gate 🦀")
    compile((project.root / "__main__.py").read_text(encoding="utf-8"), "__main__.py", "exec")
    assert "name: Zo-s-gate\n" in (project.root / "Pulumi.yaml").read_text(encoding="utf-8")


def test_an_environment_for_an_account_extends_the_base(tmp_path: Path) -> None:
    project = create(tmp_path, environment="prod")
    text = (project.stacks / "prod.yaml").read_text(encoding="utf-8")
    assert "extends: base.yaml\naccount: {env: PROD_CLOUDFLARE_ACCOUNT_ID}" in text
    assert errors(project, "prod") == []


def test_the_schema_that_the_files_name_is_there(tmp_path: Path) -> None:
    project = create(tmp_path)
    first = (project.stacks / "local.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert (project.stacks / first.partition("$schema=")[2]).resolve().is_file()


def test_gitignore_is_extended_once(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("/out/\nnode_modules/", encoding="utf-8")
    create(tmp_path)
    lines = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["/out/", "node_modules/"]
    assert lines.count(".gatewright/") == 1
    assert "out/" not in lines


@pytest.mark.parametrize("obstacle", FILES)
def test_nothing_is_overwritten(tmp_path: Path, obstacle: str) -> None:
    (tmp_path / obstacle).parent.mkdir(exist_ok=True)
    (tmp_path / obstacle).write_text("mine", encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(UsageError, match="already"):
        plan_project(tmp_path, Choices())
    assert tree(tmp_path) == before


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"requirements\.txt already"):
        plan_project(tmp_path, Choices())


@pytest.mark.parametrize("name", ["local", "base"])
def test_an_environment_does_not_replace_a_file_of_the_project(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"environment {name} has a name that is taken"):
        plan_project(tmp_path, Choices(environment=name))


def test_a_project_is_not_created_inside_another(tmp_path: Path) -> None:
    create(tmp_path)
    with pytest.raises(UsageError, match="inside the Pulumi project"):
        plan_project(tmp_path / "below", Choices())


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (Choices(clients=("openclwa",)), "openclwa is not a client"),
        (Choices(providers=("grok-2",)), "grok-2 is not a provider"),
        (Choices(clients=()), "no client is named"),
        (Choices(providers=("nvidia",)), "a route needs a provider"),
        (Choices(clients=("claude-code",), providers=("groq",)), "claude-code can use none of"),
        (Choices(clients=("gemini-cli",)), "gemini-cli can use none of"),
        (Choices(environment="My Account"), "not a valid environment name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_impossible_choices_write_nothing(tmp_path: Path, choices: Choices, message: str) -> None:
    with pytest.raises(GatewrightError, match=message):
        plan_project(tmp_path, choices)
    assert tree(tmp_path) == {}


def test_providers_that_a_client_can_use_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironmentError) as refused:
        plan_project(tmp_path, Choices(clients=("gemini-cli",)))
    assert refused.value.hint == "Add to --providers one of google-ai-studio"


def test_a_failure_removes_what_was_written(tmp_path: Path) -> None:
    planned = plan_project(tmp_path, Choices())
    (tmp_path / "stacks").write_text("a file where a folder belongs", encoding="utf-8")
    with pytest.raises(OSError, match="stacks"):
        write_project(planned)
    assert sorted(tree(tmp_path)) == ["stacks"]


def test_git_tracks_only_the_created_files(tmp_path: Path) -> None:
    create(tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)
    listed = subprocess.run(["git", "-C", tmp_path, "ls-files"], check=True, capture_output=True, text=True)
    assert listed.stdout.split() == sorted([*FILES, ".gitignore"])


WORKFLOWS = [
    f".github/workflows/gatewright-{name}.yml" for name in ("preview", "deploy", "drift", "rotate", "usage", "catalog")
]


def test_github_adds_four_small_callers(tmp_path: Path) -> None:
    written = write_project(plan_project(tmp_path, Choices(github=True)))
    assert set(written) == {*FILES, "stacks/prod.yaml", *WORKFLOWS, ".gitignore"}
    for name in WORKFLOWS:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 20
        (job,) = yaml.safe_load(text)["jobs"].values()
        assert job["uses"].startswith(f"{REPOSITORY}/.github/workflows/")
        assert job["uses"].endswith(f".yml@v{__version__}")
        assert GUIDE in text


def test_the_callers_pass_what_the_workflows_declare(tmp_path: Path, checkout: Project) -> None:
    (tmp_path / ".git").mkdir()
    write_project(plan_project(tmp_path / "a: folder", Choices(environment="staging", github=True)))
    for name in WORKFLOWS:
        (caller,) = yaml.safe_load((tmp_path / name).read_text(encoding="utf-8"))["jobs"].values()
        path = caller["uses"].removeprefix(f"{REPOSITORY}/").partition("@")[0]
        called = yaml.safe_load((checkout.root / path).read_text(encoding="utf-8"))
        inputs = called[True]["workflow_call"]["inputs"]  # YAML 1.1 reads the key `on` as true
        required = {key for key, entry in inputs.items() if entry.get("required")}
        assert required <= {*caller["with"]} <= {*inputs}
        assert caller["with"]["folder"] == "a: folder"
        permissions: dict[str, str] = {}
        for job in called["jobs"].values():
            permissions |= job["permissions"]
        assert caller["permissions"] == permissions
    deploy = yaml.safe_load((tmp_path / WORKFLOWS[1]).read_text(encoding="utf-8"))
    assert deploy["jobs"]["staging"]["with"]["environment"] == "staging"


def test_an_existing_project_gets_only_the_workflows(tmp_path: Path) -> None:
    project = create(tmp_path, environment="staging")
    before = tree(tmp_path)
    with pytest.raises(UsageError, match=r"stacks/prod\.yaml does not exist"):
        add_workflows(project, None)
    assert add_workflows(project, "staging") == WORKFLOWS
    others = {name: text for name, text in tree(tmp_path).items() if name not in (*WORKFLOWS, "requirements.txt")}
    assert others == {name: text for name, text in before.items() if name != "requirements.txt"}
    with pytest.raises(UsageError, match="init overwrites nothing"):
        add_workflows(project, "staging")


@pytest.mark.parametrize("existing", [False, True])
def test_an_upgrade_knows_the_workflows_and_their_environment(tmp_path: Path, existing: bool) -> None:
    project = create(tmp_path, environment="staging", github=not existing)
    if existing:
        add_workflows(project, "staging")
    assert set(WORKFLOWS) <= {*recorded_digests((tmp_path / "requirements.txt").read_text(encoding="utf-8"))}
    assert not plan_upgrade(project).changes
    deploy = tmp_path / WORKFLOWS[1]
    deploy.write_text(deploy.read_text(encoding="utf-8").replace(__version__, "0.0.1"), encoding="utf-8")
    assert [file.name for file in plan_upgrade(project).files if file.before != file.after] == [WORKFLOWS[1]]


def test_workflows_of_another_version_than_the_pinned_one_are_refused(tmp_path: Path) -> None:
    project = create(tmp_path, environment="prod")
    (tmp_path / "requirements.txt").write_text("gatewright==0.0.1\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"pins gatewright 0\.0\.1, and this is"):
        add_workflows(project, None)


def test_the_repository_of_gatewright_has_its_own_workflows(checkout: Project) -> None:
    with pytest.raises(UsageError, match="the repository of gatewright itself"):
        add_workflows(checkout, None)
