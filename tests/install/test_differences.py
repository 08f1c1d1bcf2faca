"""The difference of a user's file shows no secret, in any format."""

from __future__ import annotations

import pytest

from gatewright.install.differences import redacted_difference
from gatewright.io.text_edits.text_format import ENV, JSON, WHOLE, Format

SECRET = "hunter2hunter2"
YAML = Format("yaml", ("models",), "name")


@pytest.mark.parametrize(
    ("format", "before"),
    [
        (ENV, f'KEY="-----BEGIN\n{SECRET}\n-----END"\n'),
        (ENV, f"KEY='a\n{SECRET}'\n"),
        (ENV, f"CLOUDFLARE_ADMIN_PASSWORD={SECRET}\n"),
        (WHOLE, f'{{\n  "env": {{\n    "MY_WORD": "{SECRET}"\n  }}\n}}\n'),
        (WHOLE, f'{{"env": {{"MY_WORD": "{SECRET}"}}}}\n'),
        (JSON, f'{{"mcp": {{"db": {{"environment": {{"DB": "{SECRET}"}}}}}}}}\n'),
        (JSON, f'{{"mcp": {{"db": {{"url": "postgres://u:{SECRET}@fake.example/db"}}}}}}\n'),
        (YAML, f"name: mine\t# {SECRET}\nmodels: []\n"),
    ],
)
def test_no_secret_is_shown(format: Format, before: str) -> None:
    shown = "\n".join(redacted_difference(format, before, ""))
    assert SECRET not in shown
    assert "-" in shown


def test_public_variables_are_shown() -> None:
    before = "CLOUDFLARE_ACCOUNT_ID=fa4eacc0\n"
    assert redacted_difference(ENV, before, "") == ["@@ -1 +0,0 @@", "-CLOUDFLARE_ACCOUNT_ID=fa4eacc0"]


def test_a_name_inside_a_multiline_value_is_not_a_variable() -> None:
    assert set(ENV.read('NOTE="a\nOPENAI_BASE_URL=x\nb"\nOTHER=1\n').data) == {"NOTE", "OTHER"}


def test_a_line_that_looks_like_a_heading_is_shown() -> None:
    assert "----" in redacted_difference(YAML, "---\nname: mine\n", "name: mine\n")
    assert redacted_difference(YAML, "name: mine\n", "name: mine\n") == []
