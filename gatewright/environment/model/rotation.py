"""The rotation of a token, or of a service token, by the calendar."""

from __future__ import annotations

from gatewright.environment.quantities import Duration
from gatewright.environment.shapes.scalars import DurationShape, Number
from gatewright.environment.shapes.sections import setting
from gatewright.frozen import frozen


@frozen
class Rotate:
    """The rotation of a token by the calendar."""

    every: Duration = setting(
        DurationShape("1d", "365d", seconds=True),
        "How often a new token is created. The calendar is divided into slots of this length, and the first `up` in a "
        "slot creates its token; nothing rotates without an `up`. One `up` per `every` (or per `lifetime` - `every`, "
        "if shorter) keeps a valid token available at all times. After an early rotation or changed settings this "
        "takes one `up` a day and an overlap of a day.",
        required=True,
    )
    overlap: Duration = setting(
        DurationShape("1h", "365d", seconds=True),
        "How long the previous token stays valid after its successor was created; longer while it is in use, but "
        "never beyond its own expiry.",
        required=True,
    )
    lifetime: Duration | None = setting(
        DurationShape("1d", "1000d", seconds=True),
        "The maximum validity of each token, from the start of its slot: at least every + overlap, default "
        "2 × (every + overlap).",
    )
    epoch: int = setting(
        Number(least=1, most=1_000_000),
        "Increased by one for an early rotation, for example by `gatewright rotate`.",
        default=1,
    )
