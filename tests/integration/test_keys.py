"""Providers' keys, from the shell to the provider: stored, used, replaced under traffic, kept, moved, removed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from local.ports import free_port

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url, gateway_url
from gatewright.local import daemon

from .clone import Clone
from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.project import Project

    from .clone import Changes, Json
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

OLD, NEW = "fake-mistral-key-the-old-one-0123", "fake-mistral-key-the-new-one-4567"
GROQ = "fake-groq-key-of-a-test-89ab"
NAME = "agents-real_mistral_default"
UP = ("up", "--yes", "--skip-preview")


class Real(Clone):
    """A clone whose stack is `real`: the local account taken for one of one's own, so that keys come from the shell."""

    def start(self) -> None:
        self.gatewright("engine", "install")
        self.gatewright("local", "start", "--port", str(self.port))
        self.exported.update(MISTRAL_API_KEY=OLD, GROQ_API_KEY=GROQ)
        self.pulumi("stack", "init", "real")

    def variables(self) -> dict[str, str]:
        return Clone.variables(self) | {
            "PULUMI_STACK": "real",
            "CLOUDFLARE_API_TOKEN": LOCAL_DEPLOY_TOKEN,
            "CLOUDFLARE_BASE_URL": control_plane_url(self.port),
        }

    def declare(self, **keys: Any) -> None:
        """What stacks/real.yaml says from now on; of mistral alone with `mistral`."""
        mistral = {"limits": [], **keys.pop("mistral", {})}
        declared: Json = {
            "extends": "catalog.yaml",
            "account": LOCAL_ACCOUNT,
            "protect": False,
            "use": ["workers-ai", "mistral", "groq"],
            "providers": {"mistral": mistral, "groq": {"limits": []}},
            "routes": {"fast": ["mistral/ministral-3b-latest", "groq/gpt-oss-20b", "workers-ai/gpt-oss-20b"]},
            "tokens": {"agents": {}},
            "clients": {"pi": {"primary": "dynamic/fast"}},
        }
        (self.project.stacks / "real.yaml").write_text(yaml.safe_dump(declared | keys))

    @property
    def store(self) -> str:
        return str(self.api("GET", "/secrets_store/stores")[0]["id"])

    def secrets(self) -> dict[str, str]:
        """The ids of the secrets in the store, by name."""
        return {each["name"]: each["id"] for each in self.api("GET", f"/secrets_store/stores/{self.store}/secrets")}

    def configs(self) -> list[str]:
        """`slug alias` of each provider config."""
        found = self.api("GET", "/ai-gateway/gateways/agents-real/provider_configs")
        return sorted(f"{each['provider_slug']} {each['alias']}" for each in found)

    def put_secret(self, name: str, value: str) -> None:
        body = [{"name": name, "value": value, "scopes": ["ai_gateway"]}]
        self.api("POST", f"/secrets_store/stores/{self.store}/secrets", json=body)

    def accept(self, *keys: str) -> None:
        """Which keys mistral takes from now on."""
        url = f"http://127.0.0.1:{self.port}/__local__/providers"
        body = {"provider": "mistral", "accepts": list(keys)}
        assert httpx.put(url, json=body, trust_env=False).is_success

    def answer(self, model: str = "mistral/ministral-3b-latest") -> httpx.Response:
        url = f"{gateway_url(self.port, LOCAL_ACCOUNT, 'agents-real')}/compat/chat/completions"
        headers = {"cf-aig-authorization": f"Bearer {self.outputs()['tokens']['agents']}"}
        body = {"model": model, "messages": [{"role": "user", "content": "What is 2+2?"}]}
        with httpx.Client(trust_env=False, headers=headers) as client:
            return client.post(url, json=body)

    @contextmanager
    def asked_all_the_time(self) -> Iterator[list[int]]:
        """The statuses of calls to mistral that go on for as long as the block takes."""
        url = f"{gateway_url(self.port, LOCAL_ACCOUNT, 'agents-real')}/compat/chat/completions"
        headers = {"cf-aig-authorization": f"Bearer {self.outputs()['tokens']['agents']}"}
        body = {"model": "mistral/ministral-3b-latest", "messages": [{"role": "user", "content": "What is 2+2?"}]}
        statuses: list[int] = []
        stop = threading.Event()

        def keep_asking() -> None:
            with httpx.Client(trust_env=False, headers=headers) as client:
                while not stop.is_set():
                    statuses.append(client.post(url, json=body).status_code)
                    stop.wait(0.02)

        caller = threading.Thread(target=keep_asking)
        caller.start()
        try:
            yield statuses
        finally:
            stop.set()
            caller.join()


@pytest.fixture(scope="module")
def one(checkout: Project, pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    made = Real.make(checkout, tmp_path_factory.mktemp(pair.name) / "a project", pair, free_port())
    assert isinstance(made, Real)
    made.start()
    yield made
    made.end()


@pytest.fixture
def real(one: Real) -> Iterator[Real]:
    """With two keys up; mistral takes any key again after it."""
    one.exported.update(MISTRAL_API_KEY=OLD, GROQ_API_KEY=GROQ)
    one.declare()
    one.up()
    yield one
    httpx.delete(f"http://127.0.0.1:{one.port}/__local__/providers", trust_env=False)


def keys_in(changes: Changes) -> Changes:
    kinds = ("SecretsStore", "SecretsStoreSecret", "ProviderConfig", "AiGateway", "DynamicRoute")
    return {name: change for name, change in changes.items() if name.partition(" ")[0] in kinds}


def operations(changes: Changes) -> dict[str, str]:
    """Without the properties: where the engine compares, a secret looks like any other."""
    return {name: change[0] for name, change in changes.items()}


def test_a_key_is_stored_and_used(real: Real) -> None:
    assert set(real.secrets()) == {NAME, "agents-real_groq_default"}
    assert real.configs() == ["groq default", "mistral default"]
    real.accept(OLD)
    assert real.answer().status_code == 200
    real.accept(NEW)
    assert real.answer().status_code == 401
    before = real.seen()
    assert real.up() == {}
    real.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    real.expect_no_changes()
    assert real.changing(before) == []


def test_another_value_takes_the_place_of_the_old_one_without_a_gap(real: Real) -> None:
    real.accept(OLD, NEW)
    before = real.seen()
    with real.asked_all_the_time() as statuses:
        real.exported["MISTRAL_API_KEY"] = NEW
        assert operations(real.planned()) == {"SecretsStoreSecret mistral": "update"}
        assert operations(real.up()) == {"SecretsStoreSecret mistral": "update"}
        asked = len(statuses)
    assert set(statuses) == {200}
    assert asked > 5
    secret = f"/client/v4/accounts/{LOCAL_ACCOUNT}/secrets_store/stores/{real.store}/secrets/{real.secrets()[NAME]}"
    assert real.changing(before) == [f"PATCH {secret}"]
    real.accept(NEW)
    assert real.answer().status_code == 200


def test_another_limit_stores_the_key_again_from_the_state(real: Real) -> None:
    """Cloudflare changes no limit in place, and deletes the secret with its config: the variable need not be set."""
    del real.exported["MISTRAL_API_KEY"]
    for limits in (["9000 requests/minute"], ["8000 requests/minute"]):
        real.declare(mistral={"limits": limits})
        before = real.seen()
        assert keys_in(real.planned()).keys() == {"SecretsStoreSecret mistral", "ProviderConfig mistral"}
        assert real.changing(before) == []
        changes = real.up()
    assert set(keys_in(changes)) == {"SecretsStoreSecret mistral", "ProviderConfig mistral"}
    assert real.configs() == ["groq default", "mistral default"]
    assert set(real.secrets()) == {"agents-real_mistral_default", "agents-real_groq_default"}
    assert real.answer().status_code == 200
    real.expect_no_changes()


def test_no_value_is_shown_anywhere(real: Real) -> None:
    """Neither the new one nor the old one: in what is printed, logged, kept or emitted."""
    real.exported["MISTRAL_API_KEY"] = NEW
    debug = {"PULUMI_DEBUG_COMMANDS": "true"}
    log = ("--event-log", str(real.project.work / "events"))
    said = [
        real.pulumi("preview", "--diff", *log, variables=debug),
        real.pulumi("preview", "--json"),
        real.pulumi(*UP, "--diff", *log, variables=debug),
        real.pulumi("refresh", "--yes", "--diff"),
        real.pulumi("preview", "--refresh", "--diff"),
        real.pulumi("stack", "export"),
        real.pulumi("stack", "output", "--json"),
    ]
    cloudflares = daemon.state_file(real.project).name
    files = [
        file
        for place in (real.project.work, real.project.out, real.project.stacks)
        for file in place.rglob("*")
        if file.is_file() and not file.name.startswith(cloudflares)
    ]
    assert len(files) > 5
    for value in (OLD, NEW, GROQ):
        assert [index for index, text in enumerate(said) if value in text] == []
        assert [file for file in files if value.encode() in file.read_bytes()] == []
    assert NEW in real.pulumi("stack", "export", "--show-secrets")


def test_a_key_that_is_not_set(real: Real) -> None:
    """In a preview it may be; in an up it is kept where Cloudflare has it."""
    del real.exported["MISTRAL_API_KEY"]
    before = real.seen()
    assert real.planned() == {}
    assert [each for each in real.calls(before) if each["path"].startswith("/client/")] == []
    said = real.pulumi(*UP)
    assert "MISTRAL_API_KEY is not set: the key of mistral at Cloudflare is kept" in said
    assert real.changing(before) == []
    real.accept(OLD)
    assert real.answer().status_code == 200
    real.exported["MISTRAL_API_KEY"] = OLD
    assert real.up() == {}


def test_keys_that_are_nowhere(real: Real) -> None:
    del real.exported["MISTRAL_API_KEY"]
    use = ["workers-ai", "mistral", "groq", "cerebras", "openai"]
    providers: dict[str, Any] = {name: {"limits": []} for name in use} | {"openai": {"key": {"config": "openaiKey"}}}
    real.declare(use=use, providers=providers, gateway={"cache": {"ttl": "1h"}})
    planned = keys_in(real.planned())
    assert planned["ProviderConfig cerebras"] == ("create",)
    before = real.seen()
    said = real.pulumi(*UP, code=1)
    assert "the secret openaiKey of the configuration (the key of openai), CEREBRAS_API_KEY" in said
    assert "pulumi config set --secret openaiKey; export CEREBRAS_API_KEY=…" in said
    real.exported["CEREBRAS_API_KEY"] = ""
    for command in (("preview",), UP):
        said = real.pulumi(*command, code=1)
        assert "CEREBRAS_API_KEY (the key of cerebras)" in said
        assert "empty" in said
    del real.exported["CEREBRAS_API_KEY"]
    assert real.is_calm(said)
    assert real.changing(before) == []


def test_a_key_moves_out_of_the_stack_and_nothing_is_sent(real: Real) -> None:
    before = real.seen()
    del real.exported["MISTRAL_API_KEY"]
    real.declare(mistral={"key": {"stored": True}})
    assert "ProviderConfig mistral" not in real.up()
    assert real.changing(before) == []
    real.accept(OLD)
    assert real.answer().status_code == 200
    real.expect_no_changes()
    real.exported["MISTRAL_API_KEY"] = OLD
    real.declare()
    said = real.pulumi("preview", code=1)
    assert f"already has a secret {NAME}, which is not in this stack: to use its value, import it: " in said
    assert "adopt real" in said
    assert real.changing(before) == []
    real.declare(use=["workers-ai", "groq"], providers={"groq": {"limits": []}})
    real.up()


def test_a_key_that_is_stored_already(real: Real) -> None:
    real.declare(use=["workers-ai", "groq"], providers={"groq": {"limits": []}})
    real.up()
    real.declare(mistral={"key": {"stored": True}})
    before = real.seen()
    assert f"has no secret {NAME}" in real.pulumi("preview", code=1)
    assert real.changing(before) == []
    real.put_secret(NAME, NEW)
    changes = real.up()
    assert changes["ProviderConfig mistral"] == ("create",)
    assert not any(name.startswith("SecretsStoreSecret") for name in changes)
    real.accept(NEW)
    assert real.answer().status_code == 200
    real.expect_no_changes()
    real.declare(use=["workers-ai", "groq"], providers={"groq": {"limits": []}})
    real.up()


def test_what_goes_first(real: Real) -> None:
    """The route's version without the provider, then its config; the secret goes with that, others stay."""
    real.put_secret("somebody-elses", "fake-other-key")
    before = real.seen()
    real.declare(use=["workers-ai", "groq"], providers={"groq": {"limits": []}})
    changes = real.up()
    assert changes["ProviderConfig mistral"] == ("delete",)
    assert changes["DynamicRoute fast"][0] == "update"
    done = [call.rpartition("agents-real/")[2].partition("/")[0] for call in real.changing(before)]
    assert done == ["routes", "routes", "provider_configs"]
    assert real.configs() == ["groq default"]
    assert set(real.secrets()) == {"agents-real_groq_default", "somebody-elses"}
    assert real.answer("dynamic/fast").headers["cf-aig-provider"] == "groq"
    real.pulumi("destroy", "--yes", "--skip-preview")
    assert set(real.secrets()) == {"somebody-elses"}
    real.api("DELETE", f"/secrets_store/stores/{real.store}/secrets/{real.secrets()['somebody-elses']}")


def test_a_gateway_gets_its_store_in_place(real: Real) -> None:
    real.declare(use=["workers-ai"], routes={"fast": ["workers-ai/gpt-oss-20b"]}, providers={})
    changes = keys_in(real.up())
    assert changes["AiGateway agents-real"] == ("update", "storeId")
    assert real.gateway("agents-real")["store_id"] is None
    real.declare()
    assert real.planned()["AiGateway agents-real"] == ("update", "storeId")
    assert real.up()["AiGateway agents-real"] == ("update", "storeId")
    assert real.gateway("agents-real")["store_id"] == real.store


def test_a_key_that_cloudflare_lacks_is_stored_again(real: Real) -> None:
    path = f"/secrets_store/stores/{real.store}/secrets/{real.secrets()[NAME]}"
    real.api("DELETE", path)
    real.pulumi(*UP, "--refresh")
    assert NAME in real.secrets()
    real.accept(OLD)
    assert real.answer().status_code == 200
    real.expect_no_changes()
