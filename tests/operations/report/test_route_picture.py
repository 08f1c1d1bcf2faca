"""The places of a route's nodes: no two overlap, and every edge leads down."""

from __future__ import annotations

from itertools import combinations

from gatewright.operations.report.route_picture import RoutePicture, draw_picture
from gatewright.operations.routes.flowchart import FlowEdge, FlowNode


def node(name: str, *targets: str, text: str = "") -> FlowNode:
    edges = tuple(FlowEdge("", target.removeprefix("!"), "rejected" if target[0] == "!" else "") for target in targets)
    return FlowNode(name, "model", text or name, "", is_retired=False, edges=edges)


def overlaps(picture: RoutePicture) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [
        (one.lines, other.lines)
        for one, other in combinations(picture.boxes, 2)
        if one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    ]


def test_a_chain_is_one_column() -> None:
    picture = draw_picture([node("a", "b"), node("b", "c"), node("c")])
    assert len({round(box.middle) for box in picture.boxes}) == 1
    assert [box.layer for box in picture.boxes] == [0, 1, 2]


def test_nodes_do_not_overlap_and_stay_within_the_picture() -> None:
    nodes = [node("s", *"abcde"), *(node(name, "z", f"!{name}x", text=name * 40) for name in "abcde"), node("z")]
    picture = draw_picture(nodes)
    assert overlaps(picture) == []
    assert min(box.x for box in picture.boxes) >= 0
    assert all(box.x + box.width <= picture.width and box.y + box.height <= picture.height for box in picture.boxes)
    assert sum(box.kind == "end" for box in picture.boxes) == 5


def test_an_edge_over_layers_passes_beside_the_nodes_between() -> None:
    picture = draw_picture([node("s", "a", "c"), node("a", "b"), node("b", "c"), node("c")])
    assert [box.layer for box in picture.boxes] == [0, 1, 2, 3]
    assert picture.lines[1].path.count("C") == 3  # two bends


def test_a_long_text_is_wrapped() -> None:
    picture = draw_picture([node("a", text="metadata.team is one of " + "x, " * 30)])
    assert max(len(line) for line in picture.boxes[0].lines) <= 30
