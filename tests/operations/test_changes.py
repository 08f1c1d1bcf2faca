"""What was changed, in the product's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.operations.changes import described, to_install_again
from gatewright.operations.environments import open_one
from gatewright.operations.pulumi import Step

if TYPE_CHECKING:
    from gatewright.project import Project

FILE = "gatewright:index:ConfigFile"
CONFIG, SECRET = "gatewright:index:ProviderConfig", "cloudflare:index/secretsStoreSecret:SecretsStoreSecret"
TOKEN = "cloudflare:index/accountToken:AccountToken"
ENDS = {"expiresOn": "2027-01-20T00:00:00Z"}
MAY = "may: AI Gateway Run, Workers AI Read"
ROUTE, CUSTOM = "gatewright:index:DynamicRoute", "gatewright:index:CustomProvider"


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([Step("create", ROUTE, "fast"), Step("create", ROUTE, "bulk")], ["+ 2 routes                    fast bulk"]),
        ([Step("update", ROUTE, "fast")], ["~ 1 route                     fast     new version, no gap"]),
        (
            [Step("update", ROUTE, "fast", {}, {"displacedVersionId": "v2"})],
            ["~ route fast                  back to the file's version: another one was deployed at Cloudflare"],
        ),
        (
            [Step("delete", ROUTE, "old"), Step("create", ROUTE, "new")],
            ["- 1 route                     old", "+ 1 route                     new"],
        ),
        ([Step("create", CUSTOM, "nvidia")], ["+ custom provider nvidia      https://integrate.api.nvidia.com/v1"]),
        ([Step("create", TOKEN, "agents")], [f"+ token agents                {MAY}"]),
        (
            [Step("create", TOKEN, "agents-2026-11-14.2", ENDS), Step("delete", TOKEN, "agents-2026-10-15")],
            [f"+ token agents                {MAY} · until 2027-01-20", "- token agents-2026-10-15"],
        ),
        ([Step("delete", CUSTOM, "gone")], ["- custom provider gone"]),
        (
            [
                Step(done, kind, name)
                for done, name in [("create", "groq"), ("create", "openai")]
                for kind in (SECRET, CONFIG)
            ],
            ["+ 2 keys                      groq openai     stored at Cloudflare"],
        ),
        ([Step("update", SECRET, "groq")], ["~ 1 key                       groq     new value, no gap"]),
        (
            [Step("delete", SECRET, "groq"), Step("delete", CONFIG, "groq")],
            ["- 1 key                       groq     its secret goes too"],
        ),
        (
            [Step(done, CONFIG, "groq") for done in ("create-replacement", "replace", "delete-replaced")],
            ["± 1 key                       groq     stored anew, with another limit"],
        ),
        ([Step("delete", SECRET, "groq")], []),  # left to Cloudflare: {stored: true}
    ],
)
def test_what_a_line_says(checkout: Project, steps: list[Step], lines: list[str]) -> None:
    assert [line.rstrip() for line in described(open_one(checkout, "local"), steps)] == lines


def test_which_clients_have_old_files() -> None:
    steps = [
        Step("update", FILE, "pi/models.json"),
        Step("update", FILE, "pi/auth.json"),
        Step("create", FILE, "a.json"),
    ]
    assert to_install_again([*steps, Step("update", FILE, "openclaw.json"), Step("update", ROUTE, "fast")]) == [
        "openclaw",
        "pi",
    ]
