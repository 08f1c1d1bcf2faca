"""Routes and custom providers, from the file to an answer: made, run, edited under traffic, removed."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gatewright.cloudflare.import_hint import ENVIRONMENT, import_hint
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, gateway_url
from gatewright.facts.resource_types import DYNAMIC_ROUTE

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

FIRST = ["groq/gpt-oss-20b", "workers-ai/gpt-oss-20b"]
TREES: dict[str, Any] = {
    "fast": FIRST,
    "canary": {"split": [{"10%": "workers-ai/gpt-oss-120b"}, {"else": "mistral/codestral"}]},
    "support": {
        "if": {"metadata.plan": {"eq": "paid"}},
        "then": {"limit": "5 USD/day", "by": "metadata.team", "try": FIRST, "over": ["mistral/ministral-3b-latest"]},
        "else": ["mistral/ministral-3b-latest"],
    },
}
UNLIMITED: dict[str, object] = {"mistral": {"limits": []}}  # a test asks faster than its one request a second
ROLES = {"bulk": None, "reasoning": "nvidia/glm-5.3-flash"}  # base.yaml's name routes that are not here


@pytest.fixture(scope="module")
def one(clones: Clones, pair: Pair) -> Clone:
    """The clone of all these tests."""
    made = clones(pair)
    made.start()
    return made


@pytest.fixture
def routed(one: Clone) -> Iterator[Clone]:
    """With all of TREES up; no order to fail is left after."""
    declare(one)
    one.up()
    yield one
    httpx.delete(f"http://127.0.0.1:{one.port}/__local__/faults", trust_env=False)


def declare(clone: Clone, **trees: Any) -> None:
    routes = {"reasoning": None, "bulk": None} | {name: tree for name, tree in (TREES | trees).items() if tree}
    # asked as fast as it answers, which is more than the ten requests a second of base.yaml
    clone.declare(routes=routes, roles=ROLES, providers=UNLIMITED, gateway={"rateLimit": False})


def ask(clone: Clone, token: str, model: str, **metadata: str) -> httpx.Response:
    url = f"{gateway_url(clone.port, LOCAL_ACCOUNT, 'agents-local')}/compat/chat/completions"
    body = {"model": model, "messages": [{"role": "user", "content": "What is 2+2?"}]}
    headers = {"cf-aig-authorization": f"Bearer {token}", "cf-aig-metadata": json.dumps(metadata)}
    with httpx.Client(trust_env=False) as client:
        return client.post(url, headers=headers, json=body)


def token_of(clone: Clone) -> str:
    return str(clone.outputs()["tokens"]["agents"])


def fail(clone: Clone, **fault: Any) -> None:
    url = f"http://127.0.0.1:{clone.port}/__local__/faults"
    assert httpx.post(url, json={"on": "upstream", **fault}, trust_env=False).is_success


def answered_by(answer: httpx.Response) -> tuple[str, str, str]:
    assert answer.status_code == 200, answer.text
    return answer.headers["cf-aig-provider"], answer.headers["cf-aig-model"], answer.headers["cf-aig-step"]


def test_what_the_file_says_answers(routed: Clone) -> None:
    token = token_of(routed)
    assert answered_by(ask(routed, token, "dynamic/fast")) == ("groq", "openai/gpt-oss-20b", "0")
    assert answered_by(ask(routed, token, "dynamic/canary"))[0] in ("workers-ai", "mistral")
    assert answered_by(ask(routed, token, "dynamic/support")) == ("mistral", "ministral-3b-latest", "0")
    assert answered_by(ask(routed, token, "dynamic/support", plan="paid", team="x"))[0] == "groq"
    assert ask(routed, token, "custom-nvidia/z-ai/glm-5.3-flash").status_code == 200
    fail(routed, provider="groq", status=500, times=9)
    assert answered_by(ask(routed, token, "dynamic/fast")) == ("workers-ai", "@cf/openai/gpt-oss-20b", "1")


def test_nothing_more_to_do_after_an_up(routed: Clone) -> None:
    before = routed.seen()
    assert routed.up() == {}
    routed.expect_no_changes()
    routed.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert routed.changing(before) == []


@contextmanager
def traffic(clone: Clone, model: str, callers: int = 3) -> Iterator[list[httpx.Response]]:
    """Keeps asking at once from several threads; all answers are there when it has ended."""
    token, stop = token_of(clone), threading.Event()
    answers: list[httpx.Response] = []

    def keep_asking() -> None:
        while not stop.is_set():
            answers.append(ask(clone, token, model))

    threads = [threading.Thread(target=keep_asking) for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_an_edit_under_traffic_fails_no_request(routed: Clone) -> None:
    declare(routed, fast=["mistral/ministral-3b-latest", *FIRST])
    before = routed.seen()
    with traffic(routed, "dynamic/fast") as answers:
        changes = routed.up()
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["cf-aig-provider"] for answer in answers} == {"groq", "mistral"}
    assert changes["DynamicRoute fast"] == (
        "update",
        "elements.mistral-ministral-3b-latest",
        "elements.start.outputs.next.elementId",
    )
    assert len([call for call in routed.changing(before) if "/routes" in call]) == 2  # a version, and its deployment


def test_a_rollback_under_traffic_fails_no_request_and_the_next_up_takes_it_back(routed: Clone) -> None:
    declare(routed, fast=["mistral/ministral-3b-latest"])
    routed.up()
    with traffic(routed, "dynamic/fast") as answers:
        said = routed.gatewright("routes", "local", "rollback", "fast")
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["cf-aig-provider"] for answer in answers} == {"groq", "mistral"}
    assert "\n  groq/gpt-oss-20b → workers-ai/gpt-oss-20b\n" in said
    assert "A preview shows this as a change" in said
    assert "not the file's version runs: groq/gpt-oss-20b is new, first" in routed.gatewright("drift", "local", code=2)
    drawn = routed.gatewright("routes", "local", "fast")
    assert re.search(
        r"mistral/ministral-3b-latest\n  Cloudflare runs version \S+ instead:\n    groq/gpt-oss-20b → workers-ai", drawn
    )
    assert "\n  groq/gpt-oss-20b → workers" in routed.gatewright("routes", "local", "fast", "--deployed")
    assert answered_by(ask(routed, token_of(routed), "dynamic/fast"))[0] == "groq"
    assert routed.planned()["DynamicRoute fast"][0] == "update"
    told = routed.gatewright("up", "local")
    assert "back to the file's version; another one was deployed at Cloudflare" in told
    assert answered_by(ask(routed, token_of(routed), "dynamic/fast"))[0] == "mistral"
    assert routed.up() == {}
    assert "instead" not in routed.gatewright("routes", "local", "fast")


def test_a_rollback_works_where_the_state_cannot_be_refreshed(routed: Clone) -> None:
    declare(routed, canary=["mistral/ministral-3b-latest"])
    routed.up()
    engine = routed.project.engine_bin / "pulumi"
    kept = engine.with_name("pulumi-away")
    engine.rename(kept)
    try:
        said = routed.gatewright("routes", "local", "rollback", "canary")
    finally:
        kept.rename(engine)
    assert "The stack's state could not be refreshed" in said
    assert "→ pulumi refresh --stack local --target '**gatewright:index:DynamicRoute::canary'" in said
    assert "10%: workers-ai/gpt-oss-120b" in said
    routed.pulumi("refresh", "--yes", "--skip-preview", "--target", "**gatewright:index:DynamicRoute::canary")
    assert routed.planned()["DynamicRoute canary"][0] == "update"


def test_a_rollback_goes_further_back_each_time_and_not_forward(routed: Clone) -> None:
    for model in ("mistral-small", "mistral-medium"):
        declare(routed, later=[f"mistral/{model}"])
        routed.up()
    assert "mistral/mistral-small" in routed.gatewright("routes", "local", "rollback", "later")
    assert "has no version before the current one" in routed.gatewright("routes", "local", "rollback", "later", code=1)
    assert "local has no route latr" in routed.gatewright("routes", "local", "rollback", "latr", code=64)


def test_all_routes_are_restored_to_saved_versions(routed: Clone) -> None:
    """Only a route that was edited since is deployed again; a deleted one is reported."""
    kept = routed.project.work / "kept.json"
    assert "3 routes saved in" in routed.gatewright("routes", "local", "--save", str(kept))
    assert "Every saved route already runs its saved version." in routed.gatewright(
        "routes", "local", "rollback", "--to", str(kept)
    )
    declare(routed, fast=["mistral/ministral-3b-latest"], later=FIRST, canary=None)
    routed.up()
    before = routed.seen()
    said = routed.gatewright("routes", "local", "rollback", "--to", str(kept), code=1)
    assert said.count("dynamic/") == 3
    assert "Created since, and left unchanged: dynamic/later" in said
    assert "dynamic/fast runs version" in said
    assert "dynamic/canary is not restored: it was deleted" in said
    assert [call.rpartition("/")[2] for call in routed.changing(before)] == ["deployments"]
    assert answered_by(ask(routed, token_of(routed), "dynamic/fast"))[0] == "groq"
    assert set(routed.planned()) == {"DynamicRoute fast"}
    kept.write_text(kept.read_text().replace('"local"', '"prod"'))
    assert "the versions of prod, not of local" in routed.gatewright(
        "routes", "local", "rollback", "--to", str(kept), code=64
    )


def test_a_version_deployed_by_hand_is_found_and_replaced(routed: Clone) -> None:
    route = next(each for each in routed.deployment()["resources"] if each["urn"].endswith("DynamicRoute::fast"))
    declare(routed, fast=["mistral/ministral-3b-latest"])
    routed.up()
    path = f"/ai-gateway/gateways/agents-local/routes/{route['id']}/deployments"
    routed.api("POST", path, json={"version_id": route["outputs"]["versionId"]})
    text = routed.pulumi("refresh", "--preview-only")
    assert "gatewright:index:DynamicRoute fast update" in text
    assert "1 to update" in text
    assert routed.up() == {}  # a plain up looks at the state only
    assert routed.up("--refresh")["DynamicRoute fast"][0] == "update"
    assert answered_by(ask(routed, token_of(routed), "dynamic/fast"))[0] == "mistral"


def test_a_route_that_leaves_the_file_is_removed(routed: Clone) -> None:
    declare(routed, canary=None)
    assert routed.up()["DynamicRoute canary"] == ("delete",)
    assert ask(routed, token_of(routed), "dynamic/canary").status_code == 400
    assert routed.up() == {}


def test_a_route_that_is_there_already_says_how_to_take_it_over(routed: Clone) -> None:
    path = "/ai-gateway/gateways/agents-local/routes"
    made = routed.api("POST", path, json={"name": "later", "elements": [START, END]})
    declare(routed, later=FIRST)
    said = routed.pulumi("up", "--yes", "--skip-preview", code=1)
    how = import_hint(DYNAMIC_ROUTE, "later", f"{LOCAL_ACCOUNT}/agents-local/{made['id']}")
    assert how.replace(ENVIRONMENT, "local").partition("gatewright ")[2] in said
    assert routed.is_calm(said)
    assert "DynamicRoute later" in routed.gatewright("adopt", "local")
    assert routed.up()["DynamicRoute later"][0] == "update"  # imported, and then given the file's graph
    (routed.project.stacks / "local.import.json").unlink()


def test_a_route_that_is_there_already_is_taken_over(routed: Clone) -> None:
    urns = {urn.rpartition("$")[2]: urn for urn in routed.resources()}
    copied = next(found for urn, found in routed.resources().items() if urn.endswith("DynamicRoute::fast"))
    elements = [{"id": name, **element} for name, element in copied["outputs"]["elements"].items()]
    path = "/ai-gateway/gateways/agents-local/routes"
    made = routed.api("POST", path, json={"name": "taken", "elements": elements})
    routed.pulumi(
        "import",
        DYNAMIC_ROUTE,
        "taken",
        f"{LOCAL_ACCOUNT}/agents-local/{made['id']}",
        *("--parent", f"parent={urns['gatewright:components:Routes::agents-local']}"),
        *("--provider", f"plugin={urns['pulumi:providers:gatewright::local']}"),
        *("--yes", "--skip-preview", "--protect=false", "--generate-code=false"),
    )
    declare(routed, taken=FIRST)
    assert {name.partition(" ")[0] for name in routed.up()} == {"ConfigFile"}


START = {"id": "start", "type": "start", "outputs": {"next": {"elementId": "end"}}}
END = {"id": "end", "type": "end", "outputs": {}}
