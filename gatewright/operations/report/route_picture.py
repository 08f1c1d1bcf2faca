"""Places the nodes and edges of a route in layers, from the top down, for a picture of SVG.

Each node is one layer below the lowest node that leads to it. An edge over several layers has a bend in each.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.operations.routes.flowchart import FlowNode

CHARACTER, LINE, PADDING = 7.3, 17, 12  # of the monospaced font, in units of the picture
COLUMNS = 30  # characters of a line
GAP_X, GAP_Y, MARGIN = 20, 44, 6
PASSES = 4


@dataclass(slots=True)
class Box:
    """A node with the place of its left upper corner. `lines` are its text; a bend of an edge has none."""

    kind: str
    lines: tuple[str, ...] = ()
    note: str = ""
    is_retired: bool = False
    layer: int = 0
    x: float = 0
    y: float = 0
    above: list[Box] = field(default_factory=list, repr=False)
    below: list[Box] = field(default_factory=list, repr=False)

    @property
    def width(self) -> float:
        texts = [*self.lines, self.note]
        return max(map(len, texts)) * CHARACTER + 2 * PADDING if self.lines else 4

    @property
    def height(self) -> float:
        return (len(self.lines) + bool(self.note)) * LINE + PADDING if self.lines else 0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@frozen
class Line:
    """An edge: the path of SVG, and its label with the label's place."""

    path: str
    label: str
    x: float
    y: float


@frozen
class RoutePicture:
    """A picture of `width` by `height`."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw_picture(nodes: Iterable[FlowNode]) -> RoutePicture:
    """The picture of a route's nodes."""
    boxes, edges = _boxes([*nodes])
    chains = [(label, _chain(source, target)) for source, label, target in edges]
    placed = [*boxes, *(bend for _, chain in chains for bend in chain[1:-1])]
    layers = _layers(placed)
    _place(layers)
    left = min(box.x for box in placed)
    for box in placed:
        box.x += MARGIN - left
    width = max(box.x + box.width for box in placed) + MARGIN
    height = max(box.y + box.height for box in placed) + MARGIN
    return RoutePicture(round(width), round(height), tuple(boxes), tuple(_line(*chain) for chain in chains))


def _boxes(nodes: Sequence[FlowNode]) -> tuple[list[Box], list[tuple[Box, str, Box]]]:
    boxes = {node.id: Box(node.kind, _wrap(node.text), node.note, node.is_retired) for node in nodes}
    edges = []
    for node in nodes:
        for edge in node.edges:
            if edge.end:
                boxes.setdefault(edge.target, Box("end", _wrap(edge.end)))
            edges.append((boxes[node.id], edge.label, boxes[edge.target]))
    for _ in boxes:  # the longest path decides; a route has no cycle
        for source, _, target in edges:
            target.layer = max(target.layer, source.layer + 1)
    return [*boxes.values()], edges


def _wrap(text: str) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, COLUMNS)) or ("",)


def _chain(source: Box, target: Box) -> list[Box]:
    """The boxes of an edge: its ends, and a bend in each layer between them."""
    bends = [Box("bend", layer=layer) for layer in range(source.layer + 1, target.layer)]
    chain = [source, *bends, target]
    for upper, lower in pairwise(chain):
        upper.below.append(lower)
        lower.above.append(upper)
    return chain


def _layers(boxes: Iterable[Box]) -> list[list[Box]]:
    layers: list[list[Box]] = []
    for box in boxes:
        while len(layers) <= box.layer:
            layers.append([])
        layers[box.layer].append(box)
    return layers


def _place(layers: Sequence[list[Box]]) -> None:
    """Order each layer by the middle of its neighbours, and set all places."""
    y: float = MARGIN
    for layer in layers:
        for box in layer:
            box.y = y
        y += max(box.height for box in layer) + GAP_Y
        _spread(layer, [0.0] * len(layer))
    for _ in range(PASSES):
        for layer in layers[1:]:
            _align(layer, [box.above for box in layer])
        for layer in reversed(layers[:-1]):
            _align(layer, [box.below for box in layer])


def _align(layer: list[Box], neighbours: Sequence[Sequence[Box]]) -> None:
    desired = [
        fmean(other.middle for other in others) if others else box.middle
        for box, others in zip(layer, neighbours, strict=True)
    ]
    order = sorted(range(len(layer)), key=lambda index: desired[index])
    layer[:] = [layer[index] for index in order]
    _spread(layer, [desired[index] for index in order])


def _spread(layer: Sequence[Box], desired: Sequence[float]) -> None:
    """Place the boxes near the desired middles without overlaps, and around them as a whole."""
    right = float("-inf")
    for box, middle in zip(layer, desired, strict=True):
        box.x = max(middle - box.width / 2, right + GAP_X)
        right = box.x + box.width
    shift = fmean(middle - box.middle for box, middle in zip(layer, desired, strict=True))
    for box in layer:
        box.x += shift


def _line(label: str, chain: Sequence[Box]) -> Line:
    source, first = chain[0], chain[1]
    x, y = source.middle, source.y + source.height
    path = [f"M{x:.0f} {y:.0f}"]
    for box in chain[1:]:
        half = (box.y - y) / 2
        path.append(f"C{x:.0f} {y + half:.0f} {box.middle:.0f} {box.y - half:.0f} {box.middle:.0f} {box.y:.0f}")
        x, y = box.middle, box.y + box.height
        if box.lines == () and box is not chain[-1]:
            y = box.y
    start = source.y + source.height
    return Line("".join(path), label, round((source.middle + first.middle) / 2), round((start + first.y) / 2 + 4))
