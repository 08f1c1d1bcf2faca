"""The list of models of a gateway, in OpenAI's form.

Documented: Xcode's integration reads `/compat/v1/models`; pi's extension reads `/compat/models`. Guesses: the entries,
which here are the models of the gateway's deployed routes and a few that every gateway reaches; that routes are not
among them; that the list is not logged and counts for no limit.
"""

from __future__ import annotations

import json

from gatewright.facts.route_graph import MODEL
from gatewright.facts.slugs import RESPONSES_MODELS, WORKERS_AI
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store

PATHS = ("compat/models", "compat/v1/models")
_ALWAYS = (
    "anthropic/claude-sonnet-5-5",
    "google-ai-studio/gemini-3.8-flash",
    "groq/openai/gpt-oss-20b",
    "mistral/mistral-small-latest",
    "openai/gpt-6-luna",
    *(f"{WORKERS_AI}/{model}" for model in sorted(RESPONSES_MODELS)),
)


def model_list(store: Store, account: str, gateway: str) -> Json:
    """The list: `{object: list, data: [{id: provider/model, object: model, …}]}`."""
    names = sorted({*_ALWAYS, *_models_of_routes(store, account, gateway)})
    return {
        "object": "list",
        "data": [{"id": name, "object": "model", "created": 0, "owned_by": name.partition("/")[0]} for name in names],
    }


def _models_of_routes(store: Store, account: str, gateway: str) -> set[str]:
    rows = store.all(
        "SELECT v.elements FROM routes AS r JOIN route_deployments AS d ON d.route = r.id"
        " JOIN route_versions AS v ON v.id = d.version WHERE r.account = ? AND r.gateway = ? AND d.rowid ="
        " (SELECT MAX(rowid) FROM route_deployments WHERE route = r.id)",
        account,
        gateway,
    )
    elements = [element for row in rows for element in json.loads(row["elements"])]
    models = (element["properties"] for element in elements if element["type"] == MODEL)
    return {f"{properties['provider']}/{properties['model']}" for properties in models}
