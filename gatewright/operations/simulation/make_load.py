"""The load that the command line describes: a rate, a file, or the gateway's log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.clock import start_of_day
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.operations.simulation import options
from gatewright.operations.simulation.load import SHAPES, RateLoad, RecordedLoad, VariedLoad, parse_rate
from gatewright.operations.simulation.load_file import read_load
from gatewright.operations.simulation.replay import replay_load
from gatewright.operations.simulation.senders import sender_notes, sent_metadata, target_senders
from gatewright.operations.simulation.simulate import default_targets, is_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.environment.resolved import Environment
    from gatewright.operations.simulation.simulate import Load

    ReadLogs = Callable[[float, float], Iterable[LogEntry]]

DEFAULT_DURATION = "24h"
DEFAULT_TOKENS = "5000/500"


@frozen
class LoadOptions:
    """What the command line says of a load: `load` is a rate or a file, `replay` how much of the log to use instead.

    `start` is in seconds since 1970. All after `seed` is for rates only.
    """

    load: str | None = None
    replay: str | None = None
    duration: str | None = None
    start: int | None = None
    seed: int = 0
    targets: Sequence[str] = ()
    shape: str = "day"
    tokens: str = DEFAULT_TOKENS
    repeats: str | None = None
    metadata: Sequence[str] = ()
    senders: Sequence[str] = ()


def make_load(
    environment: Environment, described: LoadOptions, now: int, logs: ReadLogs | None = None
) -> tuple[Load, tuple[str, ...]]:
    """The load, and notes about it. A rate starts with the day of `now` unless the options say otherwise. `logs` reads
    the gateway's log for `replay`.

    Raises:
        UsageError: an option is wrong, or the file or the log cannot be used.
    """
    if (described.load is None) == (described.replay is None):
        message = "a simulation takes a load, or replays the log"
        raise UsageError(message, "For example --load 600/h, --load load.csv or --replay 7d")
    if described.replay is not None and logs is not None:
        seconds, until = _seconds("--replay", described.replay), now + 1  # `now` is the beginning of this second
        recorded = replay_load(environment, logs(until - seconds, until), until - seconds, seconds, described.seed)
        return _placed(recorded.load, described), recorded.notes
    text = described.load or ""
    rate = parse_rate(text)
    if rate is None:
        return _from_file(environment, described, text)
    if not rate:
        raise UsageError(f"expected a rate above 0, not {text}", "For example 600/h or 10/min")
    load = RateLoad(
        rate,
        start_of_day(now) if described.start is None else described.start,
        _seconds("--for", described.duration or DEFAULT_DURATION),
        options.parse_weights(described.targets or default_targets(environment)),
        described.seed,
        SHAPES[described.shape],
        options.parse_tokens(described.tokens),
    )
    repeats = options.parse_share("--repeats", described.repeats) if described.repeats else 0
    metadata = options.parse_metadata(described.metadata)
    if metadata and not described.senders:
        return VariedLoad(load, repeats, metadata), ()
    by_target = target_senders(environment, load.targets, described.senders)
    if not any(sender.metadata for senders in by_target.values() for sender in senders):
        return VariedLoad(load, repeats, metadata), ()
    sent = {target: tuple(map(sent_metadata, senders)) for target, senders in by_target.items()}
    return VariedLoad(load, repeats, metadata, sent), tuple(sender_notes(by_target))


def _from_file(environment: Environment, described: LoadOptions, text: str) -> tuple[Load, tuple[str, ...]]:
    path = Path(text)
    if not path.is_file():
        message = f"expected a rate or a file, and {text} is neither"
        raise UsageError(message, "For example 600/h or load.csv")
    result = read_load(path, lambda name: is_target(environment, name), described.seed)
    return _placed(result.load, described), result.notes


def _placed(load: RecordedLoad, described: LoadOptions) -> RecordedLoad:
    """The load moved to its start, and cut after its duration."""
    if described.start is not None:
        moved = described.start - load.start
        for request in load.requests:
            request.time += moved
        load = replace(load, start=described.start)
    if described.duration is None:
        return load
    seconds = _seconds("--for", described.duration)
    end = load.start + seconds
    return replace(load, seconds=seconds, requests=[request for request in load.requests if request.time < end])


def _seconds(option: str, text: str) -> int:
    return max(1, int(options.parse_seconds(option, text)))
