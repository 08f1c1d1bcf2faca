"""The Secrets Store and provider configs: how long they wait, and what an answer that says nothing leads to."""

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


class Answers:
    """A client that answers these, in order: a result, or an error."""

    def __init__(self, *answers: Any) -> None:
        self.left = list(answers)
        self.asked: list[str] = []

    def _next(self, asked: str) -> Any:
        self.asked.append(asked)
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


def client(answers: Answers) -> Client:
    return cast("Client", answers)


def config(**changed: Any) -> dict[str, Any]:
    shown = {"id": "c", "provider_slug": "groq", "alias": "default", "secret_id": "s", "default_config": 1}
    return shown | {"rate_limit": None, "rate_limit_period": 60.0} | changed


def configs(answers: Answers, slept: list[float]) -> ProviderConfigs:
    return ProviderConfigs(client(answers), "a", "g", sleep=slept.append)


def test_a_secret_that_is_not_found_yet() -> None:
    answers, slept = Answers(NOT_FOUND, NOT_FOUND, config()), list[float]()
    assert configs(answers, slept).create("groq", "default", "s", None).id == "c"
    assert (answers.asked, slept) == (["POST"] * 3, list(PAUSES[:2]))


def test_a_secret_that_is_never_found() -> None:
    slept: list[float] = []
    with pytest.raises(CloudflareError, match="was not found"):
        configs(Answers(*[NOT_FOUND] * (len(PAUSES) + 1)), slept).create("groq", "default", "s", None)
    assert 45 < sum(slept) < 60


@pytest.mark.parametrize(
    ("there", "asked"), [([[config()]], ["POST", "GET"]), ([[], config()], ["POST", "GET", "POST"])]
)
def test_no_answer_is_followed_by_a_look(there: list[Any], asked: list[str]) -> None:
    answers = Answers(NO_ANSWER, *there)
    assert configs(answers, []).create("groq", "default", "s", None).id == "c"
    assert answers.asked == asked


@pytest.mark.parametrize("other", [{"secret_id": "other"}, {"rate_limit": 40.0}])
def test_an_alias_that_is_taken_names_the_import(other: dict[str, Any]) -> None:
    with pytest.raises(CloudflareError, match="groq with the alias default already") as caught:
        configs(Answers(EXISTS, [config(**other)]), []).create("groq", "default", "s", None)
    assert '"id": "a/g/c"' in str(caught.value.hint)


def test_a_pending_secret_is_waited_for() -> None:
    secret, slept = {"id": "s", "name": "n"}, list[float]()
    answers = Answers({**secret, "status": "pending"}, {**secret, "status": "active"})
    Secrets(client(answers), "a", "t", sleep=slept.append).wait_until_active("s")
    assert slept == [PAUSES[0]]
    pending = Answers(*[{**secret, "status": "pending"}] * (len(PAUSES) + 1))
    with pytest.raises(CloudflareError, match="the secret n is still pending"):
        Secrets(client(pending), "a", "t", sleep=slept.append).wait_until_active("s")
    with pytest.raises(CloudflareError, match="the secret s is not there any more"):
        Secrets(client(Answers(GONE)), "a", "t").wait_until_active("s")


def test_a_deletion_of_what_is_gone_sends_nothing() -> None:
    answers = Answers(GONE)
    Secrets(client(answers), "a", "t").delete("s")
    assert answers.asked == ["GET"]


def test_the_dashboards_store_is_the_one() -> None:
    several = [{"id": "1", "name": "other"}, {"id": "2", "name": NAME}, {"id": "3", "name": "third"}]
    assert SecretsStores(client(Answers(several)), "a").adopt() == "2"
    assert SecretsStores(client(Answers(several[2:])), "a").adopt() == "3"
    assert SecretsStores(client(Answers([], {"id": "4"})), "a").adopt() == "4"


@pytest.mark.parametrize("error", [NO_ANSWER, CloudflareError("maximum_stores_exceeded (1003)", status=409)])
def test_a_store_that_came_in_between(error: CloudflareError) -> None:
    assert SecretsStores(client(Answers([], error, [{"id": "5", "name": NAME}])), "a").adopt() == "5"
