"""`@frozen` makes what `dataclass(frozen=True, slots=True)` makes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, replace
from typing import Any, Generic, TypeVar

import pytest

from gatewright.frozen import frozen

T = TypeVar("T")


@frozen
class Model:
    """A model."""

    name: str
    context: int = 8_000
    tags: list[str] = field(default_factory=list, compare=False)
    key: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.name


@frozen
class Priced(Model):
    """With a price."""

    price: float = 0.0


@frozen
class Nothing:
    """No field."""


@frozen
class Named(Generic[T]):
    """One field."""

    value: T


@frozen
class Checked:
    """With methods of its own."""

    name: str

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("no name")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checked) and self.name.lower() == other.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())

    def __repr__(self) -> str:
        return "checked"


def test_parameters_and_defaults() -> None:
    model = Priced("a", tags=["x"], price=2.0)
    assert (model.name, model.context, model.tags, model.key, model.price) == ("a", 8_000, ["x"], "", 2.0)
    assert Model("a").tags is not Model("a").tags
    assert str(model) == "a"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda make: make(), r"Model.__init__\(\) missing 1 required positional argument: 'name'"),
        (lambda make: make("a", size=1), r"Model.__init__\(\) got an unexpected keyword argument 'size'"),
    ],
)
def test_wrong_arguments(make: Callable[[Any], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make(Model)


def test_equality_and_hash() -> None:
    assert Model("a", tags=["x"]) == Model("a", tags=["y"])
    assert hash(Model("a", tags=["x"])) == hash(Model("a", tags=["y"]))
    assert Model("a") != Model("a", 1)
    assert Model("a") != Priced("a")
    assert {Named(1), Named(1), Named(2)} == {Named(1), Named(2)}
    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing()}) == 1


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (Priced("a", 1, ["x"], "secret", 1.5), "Priced(name='a', context=1, tags=['x'], price=1.5)"),
        (Named("a"), "Named(value='a')"),
        (Nothing(), "Nothing()"),
    ],
)
def test_text(made: object, text: str) -> None:
    assert repr(made) == text


def test_no_field_can_be_changed() -> None:
    model: Any = Model("a")
    with pytest.raises(FrozenInstanceError, match="cannot change field 'name' of Model"):
        model.name = "b"
    with pytest.raises(FrozenInstanceError):
        del model.name
    with pytest.raises(FrozenInstanceError):
        model.other = 1
    assert not hasattr(model, "__dict__")


def test_methods_of_the_class_are_kept() -> None:
    assert Checked("A") == Checked("a")
    assert len({Checked("A"), Checked("a")}) == 1
    assert repr(Checked("a")) == "checked"
    with pytest.raises(ValueError, match="no name"):
        Checked("")


def test_what_the_standard_library_does_with_dataclasses() -> None:
    model = Priced("a", 1, ["x"], "k", 2.0)
    assert replace(model, context=3) == Priced("a", 3, ["x"], "k", 2.0)
    assert asdict(model) == {"name": "a", "context": 1, "tags": ["x"], "key": "k", "price": 2.0}
    match model:
        case Model(name, context):
            assert (name, context) == ("a", 1)
        case _:
            pytest.fail("not matched")
    for copied in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert copied == model
        assert copied.tags == ["x"]
