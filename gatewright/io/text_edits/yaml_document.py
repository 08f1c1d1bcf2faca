"""A YAML document with the offsets of its nodes: what an edit needs that leaves every other byte alone.

PyYAML gives the marks. A library that writes the document again (ruamel.yaml) changes layout outside the edit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.frozen import frozen
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.splice import splice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.io.text_edits import KeyPath

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast; not every PyYAML has it
_REST_OF_LINE = re.compile(r"[^\n\r]*")
_FIRST_MEMBER = re.compile(r"^( *)[^\s#]", re.MULTILINE)
_ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")
_COMMENT = re.compile(r"#[^\n\r]*")
_UNLIMITED_WIDTH = 1_000_000

Pair = tuple[yaml.Node, yaml.Node]
"""A key and its value."""


@frozen
class YamlDocument:
    """A text of one YAML document: its root node and its plain data, both None for an empty one.

    aliases: the names of their anchors by the offset at which an alias ends. PyYAML puts the anchor's node, with its
    marks, in place of an alias.
    """

    text: str
    root: yaml.Node | None
    data: Any
    aliases: Mapping[int, str]

    @classmethod
    def parse(cls, text: str) -> YamlDocument:
        """Parse `text`. Raises MalformedTextError."""
        try:
            root = yaml.compose(text, Loader=_Loader)
            aliases = dict(_aliases(text))
            data = yaml.load(text, Loader=_Loader)  # noqa: S506  the safe loader, in C
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise MalformedTextError(line, column, str(error.problem or error.context)) from None
        except yaml.reader.ReaderError as error:
            reason = f"{error.reason}: #x{error.character:02x}"
            raise MalformedTextError.at(text, error.position, reason) from None
        except (ValueError, RecursionError) as error:
            raise MalformedTextError(1, 1, f"it cannot be read: {error}") from None
        return cls(text, root, data, aliases)

    @property
    def newline(self) -> str:
        """The line break of the file."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def colon(self, key: yaml.Node) -> int:
        """The offset after the colon of `key`."""
        return self.text.index(":", key.end_mark.index) + 1

    def value_end(self, key: yaml.Node, value: yaml.Node) -> int:
        """Where the value of `key` ends."""
        if is_alias(key, value):
            return next(end for end in self.aliases if end > key.end_mark.index)
        return self.end(value)

    def items_end(self, sequence: yaml.SequenceNode) -> int:
        """Where the last item of a list ends."""
        last = sequence.value[-1]
        alias = max((end for end in self.aliases if end <= sequence.end_mark.index), default=0)
        return alias if alias > last.end_mark.index else self.end(last)

    def has_aliases(self, node: yaml.Node) -> bool:
        """Whether other settings have the same value as `node`, by its anchor."""
        anchor = _ANCHOR.match(self.text, node.start_mark.index)
        return anchor is not None and anchor[1] in self.aliases.values()

    def column(self, node: yaml.Node) -> int:
        """The column of the members of a block. The node starts at its anchor or tag, if it has one."""
        offset = int(node.start_mark.index)
        if self.text[offset] in "&!" and (member := _FIRST_MEMBER.search(self.text, offset)):
            return len(member[1])
        return int(node.start_mark.column)

    def end(self, node: yaml.Node) -> int:
        """Where the source of a node ends. PyYAML puts the end of a block after the blank lines that follow it."""
        end = int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode):
            start = int(node.start_mark.index)
            return start + len(self.text[start:end].rstrip()) if node.style in ("|", ">") else end
        if is_flow(node) or not node.value:
            return end
        return self.items_end(node) if isinstance(node, yaml.SequenceNode) else self.value_end(*node.value[-1])

    def line_end(self, offset: int) -> int:
        """The end of the line, before its line break."""
        rest = _REST_OF_LINE.match(self.text, offset)
        return rest.end() if rest else offset

    def insert_lines(self, offset: int, lines: str, column: int = 0) -> str:
        """The text with `lines` after the line at `offset`, indented to `column`."""
        end = self.line_end(offset)
        return splice(self.text, [(end, end, self.newline + indent(lines, column).rstrip("\r\n"))])

    def append_lines(self, lines: str) -> str:
        """The text with `lines` after the last member of the root, which must be in block style."""
        if self.root is None:
            if not self.text.strip():
                return self.text + lines
            return self.insert_lines(len(self.text.rstrip()), lines)
        if is_flow(self.root):
            reason = "the whole document is in flow style ({} or []): write each entry on a line of its own"
            raise self.malformed(self.root, reason)
        return self.insert_lines(self.end(self.root), lines, self.column(self.root))

    def block(self, value: Any) -> str:
        """`value` in block style."""
        return self._dump(value, flow=False)

    def flow(self, value: Any) -> str:
        """`value` in flow style, on one line."""
        return self._dump([value], flow=True).strip()[1:-1]

    def _dump(self, value: Any, *, flow: bool) -> str:
        text: str = yaml.safe_dump(
            value, sort_keys=False, allow_unicode=True, width=_UNLIMITED_WIDTH, default_flow_style=flow
        )
        return text.replace("\n", self.newline)

    def malformed(self, node: yaml.Node, reason: str) -> MalformedTextError:
        """The error of a node that cannot be edited."""
        return MalformedTextError(node.start_mark.line + 1, node.start_mark.column + 1, reason)

    def comments(self) -> Iterator[tuple[int, int]]:
        """The comments, by start and end: the text between two tokens is blank or a comment."""
        offset = 0
        for token in yaml.scan(self.text, Loader=_Loader):
            for comment in _COMMENT.finditer(self.text, offset, max(offset, token.start_mark.index)):
                yield comment.span()
            offset = max(offset, token.end_mark.index)

    def scalars(self) -> Iterator[tuple[KeyPath, yaml.ScalarNode]]:
        """All scalars with the keys on the way to them."""
        return _scalars(self.root, ())


def members(node: yaml.Node | None) -> list[Pair]:
    """The keys and values of a mapping; none for another node."""
    return node.value if isinstance(node, yaml.MappingNode) else []


def find_pair(node: yaml.Node | None, key: str) -> Pair | None:
    """The member of a mapping by its key."""
    return next((pair for pair in members(node) if pair[0].value == key), None)


def is_flow(node: yaml.Node) -> bool:
    """Whether a collection is in flow style, in braces or brackets."""
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def is_alias(key: yaml.Node, value: yaml.Node) -> bool:
    """Whether the value of `key` is an alias: its anchor is further up."""
    return bool(value.start_mark.index < key.start_mark.index)


def is_null(node: yaml.Node) -> bool:
    """Whether a node is null or empty."""
    return bool(node.tag == "tag:yaml.org,2002:null")


def indent(text: str, column: int) -> str:
    """`text` with each line indented to `column`."""
    return "".join(f"{' ' * column}{line}" for line in text.splitlines(keepends=True))


def _aliases(text: str) -> Iterator[tuple[int, str]]:
    open_anchors = []
    for event in yaml.parse(text, Loader=_Loader) if "*" in text else ():
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()
        elif isinstance(event, yaml.AliasEvent):
            anchor: Any = event.anchor  # PyYAML's types also allow None here, and for marks
            start: Any = event.start_mark
            end: Any = event.end_mark
            if anchor in open_anchors:
                raise MalformedTextError(start.line + 1, start.column + 1, f"*{anchor} is inside its own anchor")
            yield end.index, anchor


def _scalars(node: yaml.Node | None, path: KeyPath) -> Iterator[tuple[KeyPath, yaml.ScalarNode]]:
    if isinstance(node, yaml.ScalarNode):
        yield path, node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item, path)
