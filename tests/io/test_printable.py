"""Text for people: plurals."""

import pytest

from gatewright.io.printable import plural


@pytest.mark.parametrize(
    ("count", "noun", "expected"),
    [
        (1, "retry", "1 retry"),
        (2, "retry", "2 retries"),
        (0, "account", "0 accounts"),
        (1204, "model", "1,204 models"),
        (2, "address", "2 addresses"),
        (2, "key", "2 keys"),
        (3, "log entry", "3 log entries"),
    ],
)
def test_plural(count: int, noun: str, expected: str) -> None:
    assert plural(count, noun) == expected


def test_irregular_plural() -> None:
    assert plural(2, "person", "people") == "2 people"
