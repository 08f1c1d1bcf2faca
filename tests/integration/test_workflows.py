"""The jobs of the workflows, run as they stand: their steps in bash, each job on a fresh checkout, on the real engine
and a local Cloudflare, with a GitHub that is one JSON file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from local.ports import free_port
from workflows.workflow import CHECKOUT, SETUP, JobResult, Runner

from gatewright.clock import NOW
from gatewright.cloudflare.client import Client
from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url

from .clone import Clone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatewright.cloudflare.dynamic_routes import Graph

    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

COPIED = (".gitignore", "pyproject.toml", "requirements.lock")
COMMITTED = ("Pulumi.yaml", "__main__.py", "components", "gatewright", "schemas", "stacks", *COPIED)
STAYS = (".venv", ".gatewright")
"""What outlives a job: a local environment has its state and its Cloudflare in the clone."""
CONTEXTS = {
    "github.token": "a-fake-token-of-this-run",
    "github.event.pull_request.number": "12",
    "strategy.job-total": "2",
    "secrets.PULUMI_CONFIG_PASSPHRASE": "a-fake-passphrase",
    "inputs.setup": SETUP,
}
NAMES = ("dev", "prod")
ALL = {"needs.environments.outputs.environments": json.dumps(NAMES)}
ODD = "`$(touch x)` <b>@everyone</b> -- |"


class Repository:
    """A clone with git, its runner, and what its environments say. `stays` is what each job finds of it."""

    def __init__(self, clone: Clone, work: Path, stays: Sequence[str] = STAYS) -> None:
        self.clone = clone
        self.folder = clone.project.root
        for name in COPIED:
            copy = shutil.copytree if (CHECKOUT.root / name).is_dir() else shutil.copy
            copy(CHECKOUT.root / name, self.folder / name)
        self.state = work / "state"
        self.state.mkdir(parents=True)
        self.runner = Runner(
            self.folder, work, clone.shell(), dict(CONTEXTS), {name: (self.folder / name).resolve() for name in stays}
        )
        self.set_variables()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.commit("begin")

    def set_variables(self, **values: str) -> None:
        """Set the repository's variables, beside the one that every repository here has."""
        values["PULUMI_BACKEND_URL"] = f"file://{self.state}?metadata=skip"
        self.runner.contexts |= {f"vars.{name}": value for name, value in values.items()}
        self.runner.contexts["toJSON(vars)"] = json.dumps(values)

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Fake", "-c", "user.email=fake@fake.example", "-c", "commit.gpgsign=false")
        command = ["git", *who, *arguments]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message: str) -> str:
        """Merges what is there; the commit."""
        self.git("add", "--all", "--", *COMMITTED)
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def declare(self, name: str, **keys: Any) -> str:
        """An environment on the local Cloudflare, merged; the commit."""
        declared = {
            "extends": "base.yaml",
            "local": {"port": self.clone.port},
            "protect": False,
            "use": ["workers-ai", "mistral", "groq"],
            "tokens": {"agents": {"rotate": {"every": "30d", "overlap": "7d"}}},
            **keys,
        }
        return self.write(name, yaml.safe_dump(declared))

    def write(self, name: str, text: str) -> str:
        """What its file says from now on, merged; the commit."""
        (self.clone.project.stacks / f"{name}.yaml").write_text(text)
        return self.commit(f"change {name}")

    def job(self, workflow: str, name: str, environment: str = "") -> JobResult:
        return self.runner.job(workflow, name, {"matrix.environment": environment, "inputs.environment": environment})

    def comments(self) -> list[dict[str, Any]]:
        """The workflow's own."""
        return [each for each in self.runner.github["comments"] if each["user"]["login"].endswith("[bot]")]

    def documented(
        self, workflow: str, job: str, last: str, contexts: dict[str, str]
    ) -> tuple[list[JobResult], JobResult]:
        """A job for each environment, and the one that says it all."""
        each = [self.runner.job(workflow, job, {"matrix.environment": name}) for name in NAMES]
        return each, self.runner.job(workflow, last, contexts)

    def gateway(self, name: str) -> dict[str, Any]:
        return self.clone.gateway(f"agents-{name}")

    def routes(self, name: str) -> dict[str, Graph]:
        """What runs of each route."""
        with Client(control_plane_url(self.clone.port), LOCAL_DEPLOY_TOKEN) as client:
            listed = DynamicRoutes(client, LOCAL_ACCOUNT, f"agents-{name}").list_all()
            return {each.name: each.graph for each in listed}

    def fail(self, **fault: Any) -> None:
        """What the local Cloudflare is told to do wrong."""
        assert httpx.post(self._admin("faults"), json=fault, trust_env=False).is_success

    def clear_faults(self) -> None:
        assert httpx.delete(self._admin("faults"), trust_env=False).is_success

    def set_clock(self, text: str) -> None:
        self.runner.variables[NOW] = text
        assert httpx.put(self._admin("clock"), json={"now": text}, trust_env=False).is_success

    def _admin(self, path: str) -> str:
        return f"http://127.0.0.1:{self.clone.port}/__local__/{path}"


@pytest.fixture(scope="module")
def repository(pairs: Callable[[str], Pair], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """One whose environments are on this machine."""
    folder = tmp_path_factory.mktemp("workflows")
    clone = Clone.make(CHECKOUT, folder / "a project", pairs("stand-ins"), free_port())
    made = Repository(clone, folder / "runner")
    for name in (*NAMES, "staging"):
        made.declare(name)
    clone.gatewright("engine", "install")
    clone.gatewright("local", "start", "--port", str(clone.port))
    yield made
    clone.end()


@pytest.fixture
def deployed(repository: Repository) -> Repository:
    """With dev and prod up, whichever tests came before: two processes may share them."""
    there = {each["id"] for each in repository.clone.api("GET", "/ai-gateway/gateways")}
    for name in (name for name in NAMES if f"agents-{name}" not in there):
        ended = repository.job("deploy", "deploy", name)
        assert ended.code == 0, ended.log
    return repository


def test_a_merge_is_deployed_and_prod_by_the_plan_that_was_approved(repository: Repository) -> None:
    assert repository.job("deploy", "validate", "staging").code == 0
    staging = repository.job("deploy", "deploy", "staging")
    assert staging.code == 0, staging.log
    assert "dynamic/fast" in staging.summary

    prod = {"inputs.environment": "prod"}
    older = {**prod, "github.run_id": "7", "github.sha": repository.git("rev-parse", "HEAD")}
    planned = repository.runner.job("deploy", "plan", older)
    assert (planned.code, planned.outputs) == (0, {"changes": "true"}), planned.log
    assert "agents-prod" in planned.summary
    assert planned.summary in planned.log

    newer = {**prod, "github.run_id": "8", "github.sha": repository.declare("prod", gateway={"cache": {"ttl": "1h"}})}
    assert repository.runner.job("deploy", "plan", newer).outputs == {"changes": "true"}
    done = repository.runner.job("deploy", "approved", newer)
    assert done.code == 0, done.log
    assert repository.gateway("prod")["cache_ttl"] == 3600

    stopped = repository.runner.job("deploy", "approved", older)  # it was approved later than the newer one
    assert stopped.code == 2, stopped.log
    assert "cache" in stopped.log
    assert repository.gateway("prod")["cache_ttl"] == 3600
    assert repository.runner.job("deploy", "plan", newer).outputs == {"changes": "false"}


def test_routes_go_back_where_not_all_answers(repository: Repository) -> None:
    assert repository.job("deploy", "deploy", "dev").code == 0
    before = repository.routes("dev")
    repository.declare("dev", routes={"reasoning": ["mistral/ministral-3b-latest"]})
    repository.fail(on="upstream", provider="mistral", status=500)
    failed = repository.job("deploy", "deploy", "dev")
    repository.clear_faults()
    assert failed.code == 1, failed.log
    assert "::error title=dev::" in failed.log
    assert repository.routes("dev") == before

    again = repository.job("deploy", "deploy", "dev")
    assert again.code == 0, again.log
    assert repository.routes("dev") != before


@pytest.mark.usefixtures("deployed")
def test_one_comment_is_kept_up_to_date(repository: Repository) -> None:
    others = {"id": 1, "issue": 12, "user": {"login": "someone"}, "body": "<!-- gatewright:preview -->\nmine"}
    repository.runner.set_github(
        comments=[others, {**others, "id": 2, "body": "no"}, {**others, "id": 3, "body": "no"}]
    )
    repository.declare(
        "dev",
        routes={"fast": ["mistral/ministral-3b-latest"], "more": ["groq/gpt-oss-20b"]},
        gateway={"name": "agents-dev"},
    )
    sections, commented = repository.documented("preview", "preview", "comment", touching(NAMES))
    assert [each.code for each in (*sections, commented)] == [0, 0, 0], "\n".join(each.log for each in sections)
    (made,) = repository.comments()
    assert made["body"].startswith("<!-- gatewright:preview -->\n## gatewright preview")
    assert made["body"].count("gatewright:preview") == made["body"].count("## gatewright preview") == 1
    assert "route" in made["body"]
    assert [made["body"].count(each) for each in ("### `dev`: ", "- `prod`: no changes")] == [1, 1]

    # an environment that cannot be looked at is said so beside the other; text from outside stays text
    repository.write("prod", f"extends: base.yaml\nlocal: true\n'{ODD}': 1\n")
    sections, commented = repository.documented("preview", "preview", "comment", touching(NAMES, gone=["old"]))
    repository.declare("prod", gateway={"cache": {"ttl": "1h"}})
    assert [each.code for each in (*sections, commented)] == [0, 3, 0]
    (updated,) = repository.comments()
    assert updated["id"] == made["id"]
    assert "### prod: preview failed (exit code 3)" in updated["body"]
    assert all(line.startswith("    ") for line in updated["body"].splitlines() if "@everyone" in line)
    assert "**old** no longer has a file" in updated["body"]
    assert not (repository.runner.folder / "x").exists()

    # a change that touches nothing any more says so where a comment is, and makes none where none is
    nothing = touching([])
    repository.runner.job("preview", "comment", nothing)
    assert "No environment is affected." in repository.comments()[0]["body"]
    assert repository.runner.job("preview", "comment", nothing | {"github.event.pull_request.number": "13"}).code == 0
    assert len(repository.comments()) == 1


@pytest.mark.usefixtures("deployed")
def test_drift_is_one_issue_as_long_as_there_is_some(repository: Repository) -> None:

    def looked(contexts: dict[str, str] = ALL) -> list[str]:
        sections, said = repository.documented("drift", "drift", "issue", contexts)
        assert [each.code for each in (*sections, said)] == [0, 0, 0], "\n".join(each.log for each in sections)
        return [each["state"] for each in repository.runner.github["issues"]]

    repository.job("deploy", "deploy", "dev")
    assert looked() == []
    path = "/ai-gateway/gateways/agents-dev"
    kept = repository.gateway("dev")
    repository.clone.api("PUT", path, json={**kept, "cache_ttl": 7})
    assert looked() == ["open"]
    (issue,) = repository.runner.github["issues"]
    assert "cache" in issue["body"]
    assert issue["title"] == "Drift: Cloudflare differs from the files"
    repository.clone.api("PUT", path, json=kept)
    repository.declare("new")  # it has no stack
    repository.job("drift", "drift", "new")
    assert looked({"needs.environments.outputs.environments": json.dumps([*NAMES, "new"])}) == ["open"]
    assert "`new`: not deployed" in repository.runner.github["issues"][0]["body"]
    assert looked() == ["closed"]
    assert looked() == ["closed"]


@pytest.mark.usefixtures("deployed")
def test_only_what_is_due_rotates(repository: Repository) -> None:

    def tokens() -> int:
        return len([each for each in repository.clone.api("GET", "/tokens") if "/dev/" in each["name"]])

    def rotated() -> JobResult:
        return repository.job("rotate", "rotate", "dev")

    assert (rotated().code, tokens()) == (0, 1)
    repository.set_clock("2026-12-31T00:00:00Z")
    assert (rotated().code, tokens()) == (0, 2)
    assert (rotated().code, tokens()) == (0, 2)

    repository.declare("dev", gateway={"cache": {"ttl": "7h"}})  # merged, and not deployed yet
    repository.set_clock("2027-01-31T00:00:00Z")
    stopped = rotated()
    assert (stopped.code, tokens()) == (2, 2), stopped.log
    assert "cache" in stopped.log


def test_a_real_account_on_a_state_that_is_shared(pairs: Callable[[str], Pair], tmp_path: Path) -> None:
    """Each job has nothing but the engine, the state's address, a passphrase and a token. No inference of this account
    is within reach, so its deployment is one that does not answer."""
    clone = Clone.make(CHECKOUT, tmp_path / "a project", pairs("official"), free_port())
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    clone.exported.update({"CLOUDFLARE_BASE_URL": control_plane_url(clone.port), **nowhere})
    made = Repository(clone, tmp_path / "runner", stays=[".venv", ".gatewright/engine"])
    made.set_variables(DEV_CLOUDFLARE_ACCOUNT_ID=LOCAL_ACCOUNT)
    made.runner.contexts |= {
        "secrets.CLOUDFLARE_API_TOKEN": LOCAL_DEPLOY_TOKEN,
        "secrets.PROVIDER_KEYS": "MISTRAL_API_KEY=fake-key-of-mistral\nGROQ_API_KEY=fake-key-of-groq\n",
    }
    account = "extends: base.yaml\naccount: {env: DEV_CLOUDFLARE_ACCOUNT_ID}\nuse: [workers-ai, mistral, groq]\n"
    made.write("dev", account)
    clone.gatewright("local", "start", "--port", str(clone.port))
    try:
        deployed = made.job("deploy", "deploy", "dev")
        assert deployed.code == 1, deployed.log
        assert "0 of" in deployed.summary
        assert "Made since, and left as it is: dynamic/" in deployed.log
        assert made.gateway("dev")["cache_ttl"] == 0

        kept = _files(made.state)
        made.write("dev", f"{account}gateway: {{cache: {{ttl: 1h}}}}\n")
        previewed = made.job("preview", "preview", "dev")
        assert previewed.code == 0, previewed.log
        assert "cache" in previewed.summary
        assert made.job("drift", "drift", "dev").code == 0
        made.runner.contexts["secrets.PULUMI_CONFIG_PASSPHRASE"] = "another"
        assert "incorrect passphrase" in made.job("preview", "preview", "dev").summary
        assert _files(made.state) == kept
    finally:
        clone.end()


def _files(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_without_secrets_a_change_is_validated_and_rendered(pairs: Callable[[str], Pair], tmp_path: Path) -> None:
    """A fork: no variable, no secret, no engine."""
    clone = Clone.make(CHECKOUT, tmp_path / "a project", pairs("stand-ins"), free_port())
    fork = Repository(clone, tmp_path / "runner", stays=[".venv"])
    fork.runner.contexts = {"inputs.setup": SETUP}
    for workflow in ("drift", "rotate"):
        assert fork.job(workflow, "environments").outputs == {"environments": '["dev", "prod", "staging"]'}
    prod = (clone.project.stacks / "prod.yaml").read_text()
    fork.write("prod", f"{prod}# {ODD}\n")
    done = fork.runner.job("preview", "validate")
    assert done.code == 0, done.log
    assert done.outputs == {"environments": '["prod"]', "gone": "[]"}
    assert "openclaw.json" in done.summary
    (emitted,) = (fork.runner.folder / "out" / "prod").glob("**/openclaw.json")
    assert "PROD_CLOUDFLARE_ACCOUNT_ID-is-not-set" in emitted.read_text()
    assert not (fork.runner.folder / ".gatewright").exists()

    fork.write("prod", f"{prod}'{ODD}': 1\n")
    broken = fork.runner.job("preview", "validate")
    assert broken.code == 3, broken.log
    assert "::error file=stacks/prod.yaml,line=" in broken.log
    assert all(line.startswith("    ") for line in broken.summary.splitlines() if "@everyone" in line)


def touching(names: Sequence[str], gone: Sequence[str] = ()) -> dict[str, str]:
    """What the first job says of a pull request."""
    outputs = {"environments": names, "gone": gone}
    return {f"needs.validate.outputs.{name}": json.dumps(list(value)) for name, value in outputs.items()}
