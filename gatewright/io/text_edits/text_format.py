"""The formats of files that are edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.io.text_edits.dotenv_text import DotenvText
from gatewright.io.text_edits.json_text import JsonText
from gatewright.io.text_edits.whole_text import WholeText
from gatewright.io.text_edits.yaml_text import YamlText

if TYPE_CHECKING:
    from gatewright.io.text_edits import EditableText, KeyPath


@frozen
class Format:
    """The format of a file: `kind` is json (with JSONC and JSON5), yaml, env, or whole for a file that gatewright owns.

    In a YAML file gatewright adds items to one list: `list_at` is its path, `identity` the key that identifies an item.
    """

    kind: str
    list_at: KeyPath = ()
    identity: str = ""

    def read(self, text: str) -> EditableText:
        """Parse `text`. Raises MalformedTextError if it is not in this format."""
        match self.kind:
            case "json":
                return JsonText.of(text)
            case "yaml":
                return YamlText.of(text, self.list_at, self.identity)
            case "env":
                return DotenvText(text)
        return WholeText(text)


JSON, ENV, WHOLE = Format("json"), Format("env"), Format("whole")
