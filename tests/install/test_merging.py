"""Any text that a user may have: settings are merged and removed, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.clients.common.installation import DesiredContent
from gatewright.install.claims import Claim, Owner, Record, record_from_json, record_to_json
from gatewright.install.merging import merge, remove
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.text_format import ENV, JSON, Format

from .user_texts import env_texts, json5_texts, yaml_texts

DEV, PROD = Owner("/project", "dev", "openclaw"), Owner("/project", "prod", "openclaw")
CONTINUE, LLM = Format("yaml", ("models",), "name"), Format("yaml", (), "model_id")


def json_content(name: str) -> DesiredContent:
    return DesiredContent(
        entries={("models", "providers", name): {"baseUrl": f"https://{name}", "models": [{"id": "a/b"}]}},
        choices={("agents", "model"): {"primary": f"{name}/a/b", "fallbacks": []}},
        defaults={("models", "mode"): "merge"},
    )


def continue_content(name: str) -> DesiredContent:
    items = {f"{model} ({name})": {"name": f"{model} ({name})", "roles": ["chat"]} for model in ("One", "Two: 2")}
    entries: dict[tuple[str, ...], Any] = {("models", key): item for key, item in items.items()}
    return DesiredContent(entries=entries, defaults={("name",): "ours", ("version",): "1.0.0"})


def llm_content(name: str) -> DesiredContent:
    return DesiredContent(
        entries={
            (f"{name}/a",): {"model_id": f"{name}/a", "can_stream": True},
            (f"{name}/b",): {"model_id": f"{name}/b"},
        }
    )


def env_content(name: str) -> DesiredContent:
    return DesiredContent(entries={(f"{name.upper()}_URL",): f"https://{name}", (f"{name.upper()}_KEY",): "${TOKEN}"})


KINDS = {
    "json5": (JSON, json5_texts(), json_content),
    "continue": (CONTINUE, yaml_texts("models", "name"), continue_content),
    "llm": (LLM, yaml_texts(None, "model_id"), llm_content),
    "env": (ENV, env_texts(), env_content),
}


def install(kind: str, record: Record, text: str, owner: Owner) -> tuple[Record, str]:
    """The record and the text after an install. The record goes through JSON, as in the journal."""
    merged = merge(record_from_json(record_to_json(record)), text, Claim(owner), KINDS[kind][2](owner.environment))
    return merged.record, merged.text


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_two_environments_are_merged_and_removed_in_any_order(kind: str, data: st.DataObject) -> None:
    format_, texts, _ = KINDS[kind]
    text = data.draw(texts)
    first, second = data.draw(st.permutations([DEV, PROD]))
    record = Record("/home/a file", format_)
    try:
        one, with_one = install(kind, record, text, first)
        both, with_both = install(kind, one, with_one, second)
    except MalformedTextError:
        return  # refused
    for leaving, staying in ((first, second), (second, first)):
        left = remove(both, with_both, leaving)
        alone = install(kind, record, text, staying)[1]
        assert format_.read(left.text).data == format_.read(alone).data
        assert remove(left.record, left.text, staying).text == text


@pytest.mark.parametrize(
    "text",
    [
        "mine: &mine {name: mine}\nmodels:\n  - name: x\n  - *mine\n\n# end\nlast: *mine\n",
        "models:\n- &x\n  name: x\n- *x\n",
        "x: &x {name: x}\nmodels:\n  -\n    *x\n",
        "role: &role chat\nmodels:\n  - name: x\n    roles:\n      - edit\n      - - *role\n",
        "role: &role chat\nroles:\n  - *role\n",
        "models: &models # an anchor\n\n  # the first\n  - name: x\n",
        "--- &all\nname: mine\n",
    ],
)
def test_settings_are_added_after_an_alias_and_below_an_anchor(text: str) -> None:
    record, merged = install("continue", Record("/f", CONTINUE), text, DEV)
    assert set(CONTINUE.read(text).data) <= set(CONTINUE.read(merged).data)
    assert remove(record, merged, DEV).text == text


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("models: &all\n  - name: x\nmine: *all\n", (1, 9), "the list is another setting's, too, by an alias"),
        ("mine: &all\n  - name: x\nmodels: *all\n", (3, 1), "the list is another setting's, too, by an alias"),
        ("mine: &all []\nmodels: *all\n", (2, 1), "the list is another setting's, too, by an alias"),
        ("models: &all\n  - name: x\n  - *all\n", (3, 5), r"\*all is inside its own anchor"),
        ("mine: &all\n  x: {y: *all}\n", (2, 10), r"\*all is inside its own anchor"),
    ],
)
def test_an_alias_in_the_way_is_named(text: str, place: tuple[int, int], reason: str) -> None:
    with pytest.raises(MalformedTextError, match=reason) as raised:
        install("continue", Record("/f", CONTINUE), text, DEV)
    assert (raised.value.line, raised.value.column) == place


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_second_install_changes_nothing(kind: str, data: st.DataObject) -> None:
    format_, texts, _ = KINDS[kind]
    try:
        record, text = install(kind, Record("/f", format_), data.draw(texts), DEV)
    except MalformedTextError:
        return
    assert install(kind, record, text, DEV) == (record, text)
