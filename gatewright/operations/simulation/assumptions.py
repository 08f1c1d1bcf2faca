"""What a simulation assumes of an environment: latencies, failures, concurrent calls."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.operations.simulation.faults import Fault
from gatewright.operations.simulation.models import DEFAULT_TIMING, Timing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.operations.simulation.measured import Measured


@frozen
class Assumptions:
    """What an environment does not say: latencies, failures, and how many calls a provider runs at the same time."""

    timing: Timing = DEFAULT_TIMING
    timings: Mapping[str, float] = field(default_factory=dict)  # model -> seconds to the first token
    measured: Mapping[str, Measured] = field(default_factory=dict)  # by model
    concurrent: Mapping[str, int] = field(default_factory=dict)  # by provider
    faults: tuple[Fault, ...] = ()


NO_ASSUMPTIONS = Assumptions()


@frozen
class ModelTiming:
    """The timing that a simulation uses for a model; `source` is option (--latency), measured (from this many
    `answers`) or assumed."""

    model: str
    timing: Timing
    source: str = "assumed"
    answers: int = 0
