"""The Secrets Store and provider configs: waiting times, and creations with an unknown outcome."""

# ruff: noqa: ARG002 - the stand-in for a client takes what a client takes

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gatewright.cloudflare.provider_configs import ProviderConfigs
from gatewright.cloudflare.secrets_store import NAME, PAUSES, Secrets, SecretsStores
from gatewright.errors import CloudflareError

if TYPE_CHECKING:
    from gatewright.cloudflare.client import Client

NOT_FOUND = CloudflareError("The secret a was not found (7001)", status=400)
EXISTS = CloudflareError("A provider config already exists (7001)", status=400)
NO_ANSWER = CloudflareError("no answer")
GONE = CloudflareError("secret_not_found (1001)", status=404)


class ScriptedClient:
    """A client that answers these, in order: a result, or an error."""

    def __init__(self, *answers: Any) -> None:
        self.left = list(answers)
        self.requests: list[str] = []

    def _next(self, method: str) -> Any:
        self.requests.append(method)
        answer = self.left.pop(0)
        if isinstance(answer, CloudflareError):
            raise answer
        return {"result": answer}

    def get(self, path: str, query: Any = None) -> Any:
        return self._next("GET")

    def post(self, path: str, body: Any) -> Any:
        return self._next("POST")

    def delete(self, path: str) -> Any:
        return self._next("DELETE")


def client(answers: ScriptedClient) -> Client:
    return cast("Client", answers)


def config(**changed: Any) -> dict[str, Any]:
    shown = {"id": "c", "provider_slug": "groq", "alias": "default", "secret_id": "s", "default_config": 1}
    return shown | {"rate_limit": None, "rate_limit_period": 60.0} | changed


def configs(answers: ScriptedClient, slept: list[float]) -> ProviderConfigs:
    return ProviderConfigs(client(answers), "a", "g", sleep=slept.append)


def test_linking_waits_for_a_new_secret() -> None:
    answers, slept = ScriptedClient(NOT_FOUND, NOT_FOUND, config()), list[float]()
    assert configs(answers, slept).create("groq", "default", "s", None).id == "c"
    assert (answers.requests, slept) == (["POST"] * 3, list(PAUSES[:2]))


def test_linking_gives_up_on_an_unknown_secret() -> None:
    slept: list[float] = []
    with pytest.raises(CloudflareError, match="was not found"):
        configs(ScriptedClient(*[NOT_FOUND] * (len(PAUSES) + 1)), slept).create("groq", "default", "s", None)
    assert 45 < sum(slept) < 60


@pytest.mark.parametrize(
    ("existing", "requests"), [([[config()]], ["POST", "GET"]), ([[], config()], ["POST", "GET", "POST"])]
)
def test_ambiguous_create_looks_before_repeating(existing: list[Any], requests: list[str]) -> None:
    answers = ScriptedClient(NO_ANSWER, *existing)
    assert configs(answers, []).create("groq", "default", "s", None).id == "c"
    assert answers.requests == requests


@pytest.mark.parametrize("other", [{"secret_id": "other"}, {"rate_limit": 40.0}])
def test_conflicting_alias_hints_at_the_import(other: dict[str, Any]) -> None:
    with pytest.raises(CloudflareError, match="already has a provider config groq with the alias default") as caught:
        configs(ScriptedClient(EXISTS, [config(**other)]), []).create("groq", "default", "s", None)
    assert '"id": "a/g/c"' in str(caught.value.hint)


def test_waits_until_a_secret_is_active() -> None:
    secret, slept = {"id": "s", "name": "n"}, list[float]()
    answers = ScriptedClient({**secret, "status": "pending"}, {**secret, "status": "active"})
    Secrets(client(answers), "a", "t", sleep=slept.append).wait_until_active("s")
    assert slept == [PAUSES[0]]
    pending = ScriptedClient(*[{**secret, "status": "pending"}] * (len(PAUSES) + 1))
    with pytest.raises(CloudflareError, match="the secret n is still pending"):
        Secrets(client(pending), "a", "t", sleep=slept.append).wait_until_active("s")
    with pytest.raises(CloudflareError, match="the secret s does not exist any more"):
        Secrets(client(ScriptedClient(GONE)), "a", "t").wait_until_active("s")


def test_deleting_a_missing_secret_sends_no_delete() -> None:
    answers = ScriptedClient(GONE)
    Secrets(client(answers), "a", "t").delete("s")
    assert answers.requests == ["GET"]


def test_the_dashboards_store_is_preferred() -> None:
    several = [{"id": "1", "name": "other"}, {"id": "2", "name": NAME}, {"id": "3", "name": "third"}]
    assert SecretsStores(client(ScriptedClient(several)), "a").find_or_create() == "2"
    assert SecretsStores(client(ScriptedClient(several[2:])), "a").find_or_create() == "3"
    assert SecretsStores(client(ScriptedClient([], {"id": "4"})), "a").find_or_create() == "4"


@pytest.mark.parametrize("error", [NO_ANSWER, CloudflareError("maximum_stores_exceeded (1003)", status=409)])
def test_store_created_by_someone_else_meanwhile(error: CloudflareError) -> None:
    assert SecretsStores(client(ScriptedClient([], error, [{"id": "5", "name": NAME}])), "a").find_or_create() == "5"
