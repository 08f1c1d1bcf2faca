"""Run the programs of an environment's clients, and compare what they do with the local Cloudflare's log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from gatewright.command_line import command
from gatewright.errors import GatewrightError, LocalCloudflareError
from gatewright.frozen import frozen
from gatewright.operations.client_drill.choices import Choice, Failing, choices_of, failing_model_of, unreached
from gatewright.operations.client_drill.homes import ProgramHome, find_program, program_home, remove_homes
from gatewright.operations.probe.diagnosis import Failure
from gatewright.operations.probe.drill_targets import with_leftovers
from gatewright.operations.probe.fire_drill import EFFECTS, PREFIX
from gatewright.operations.probe.forced_fallback import failing_model, remove_faults
from gatewright.operations.probe.local_log import last_entry, requests_after
from gatewright.operations.probe.responses import Answer
from gatewright.operations.probe.verify import Drill, ProbeResult
from gatewright.operations.routes.describe import model_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.client_drill.homes import Ran
    from gatewright.operations.probe.local_log import LoggedRequest
    from gatewright.project import Project

    OnProgress = Callable[[int, int, str], None]

_RUNS = 1 + len(EFFECTS)  # of a program for each choice: as usual, and once for each effect


@dataclass(slots=True)
class _Progress:
    """How many runs of programs are done, of all."""

    total: int
    report: OnProgress
    done: int = 0

    def start(self, run: str, runs: int = 1) -> None:
        """Report a run that starts."""
        self.report(self.done, self.total, run)
        self.done += runs

    def finish(self, done: int) -> None:
        """Report that so many runs are done, also those that were not needed."""
        self.done = done
        self.report(done, self.total, "")


@frozen
class ClientDrill:
    """A drill of the programs of one environment on the local Cloudflare; `timeout` is that of each run."""

    project: Project
    environment: Environment
    shell: Mapping[str, str] = field(repr=False)
    timeout: float

    def run(self, clients: Sequence[str], on_progress: OnProgress) -> list[ProbeResult]:
        """Drill the clients one after the other; `on_progress` gets the number of finished and of all runs of programs,
        and the run under way.

        Faults, homes and processes are removed however this ends. Call it with `exclusive_drill`. Raises
        LocalCloudflareError.
        """
        programs = {client: find_program(client, self.shell) for client in clients}
        choices = {client: [*choices_of(self.environment.clients[client])] for client in clients}
        total = _RUNS * sum(len(choices[client]) for client in clients if programs[client][1])
        progress = _Progress(total, on_progress)
        results: list[ProbeResult] = []
        try:
            leftovers = remove_faults(self.environment, PREFIX)
            remove_homes(self.project)
            for client, (program, path) in programs.items():
                if path is None:
                    reason = f"{program} is not on PATH" if program else "the client has no program"
                    results.append(ProbeResult(client, notes=(f"skipped: {reason}",)))
                else:
                    results += self._drill_client(client, path, choices[client], progress)
        except httpx.HTTPError as error:
            raise LocalCloudflareError(f"the local Cloudflare does not accept faults: {error}") from None
        finally:
            remove_homes(self.project)
        return with_leftovers(results, leftovers, "fault")

    def _drill_client(
        self, client: str, path: str, choices: Sequence[Choice], progress: _Progress
    ) -> Iterator[ProbeResult]:
        end = progress.done + _RUNS * len(choices)
        progress.start(f"{client}, installing", runs=0)
        try:
            with program_home(self.project, self.environment, client, path, self.shell) as home:
                for choice in choices:
                    next_choice = progress.done + _RUNS
                    yield from self._drill_choice(home, choice, progress)
                    progress.done = next_choice
        except GatewrightError as error:
            yield ProbeResult(client, Answer(failure=Failure("not-installed", error.message, error.hint or "")))
        progress.finish(end)

    def _drill_choice(self, home: ProgramHome, choice: Choice, progress: _Progress) -> Iterator[ProbeResult]:
        """One run as usual, then one for each effect on the model that answered."""
        client = self.environment.clients[choice.client]
        reason = unreached(client, choice)
        if choice.agent not in home.prompts:
            reason = "the program has no command that asks it once"
        if reason:
            yield ProbeResult(choice.label, notes=(f"not drilled: {reason}",))
            return
        progress.start(f"{choice.label}, as usual")
        usual = self._ask(home, choice)
        if usual.failure or usual.model is None:
            yield ProbeResult(choice.label, usual)
            return
        failing = failing_model_of(self.environment, choice, usual.model)
        if failing is None:
            yield ProbeResult(choice.label, usual, notes=(f"no model follows {usual.model}",))
            return
        for mode, effect in EFFECTS.items():
            progress.start(f"{choice.label}, {mode}")
            with failing_model(self.environment, failing.provider, failing.model, effect, PREFIX) as count:
                answer = self._ask(home, choice)
                is_exercised = bool(count())
            yield judge(choice, failing, mode, answer, is_exercised=is_exercised)

    def _ask(self, home: ProgramHome, choice: Choice) -> Answer:
        before = last_entry(self.environment)
        ran = home.ask(choice.agent, self.timeout)
        requests = requests_after(self.environment, before or 0) or []
        return read_run(self.environment, choice, ran, requests)


def read_run(environment: Environment, choice: Choice, ran: Ran, requests: Sequence[LoggedRequest]) -> Answer:
    """The answer that a program printed: from the model that the log names, or the program's own message."""
    program = choice.client
    names = model_names(environment)
    answered = [request for request in requests if request.status < 300 and request.model]
    if ran.exit_code == 0 and answered:
        printed = " ".join(ran.output.split())
        shown = [request for request in answered if f"{request.provider}/{request.model} " in printed]
        request = (shown or answered)[-1]
        model = names.get((request.provider, request.model), f"{request.provider}/{request.model}")
        return Answer(status=request.status, model=model, seconds=ran.seconds)
    fix = f"Try it yourself: {command(f'run {environment.name} --client {program} -- …')}"
    if ran.exit_code is None:
        cause = f"{program}: {ran.line}"
        verify = command(f"verify {environment.name} --fire-drill --with-clients --only {program}")
        fix = f"To wait longer: {verify} --timeout 300"
    elif ran.exit_code:
        cause = f"{program} failed with exit {ran.exit_code}: {ran.line}"
    else:
        cause = f"{program} ended without an answer: {ran.line}"
    status = requests[-1].status if requests else None
    return Answer(status=status, seconds=ran.seconds, failure=Failure("client-failed", cause, fix))


def judge(choice: Choice, failing: Failing, mode: str, answer: Answer, *, is_exercised: bool) -> ProbeResult:
    """The result of one run: it fails unless the next model answered."""
    drill = Drill(failing.name, mode, tuple(sorted(failing.expected)), choice.client)
    result = ProbeResult(f"{choice.label}, {mode}", answer, drill=drill)
    if answer.failure:
        return result.with_note(f"while {failing.name} failed")
    if not is_exercised:
        return result.with_note(f"{failing.name} was not asked: its failure is not proven")
    if failing.expected and answer.model not in failing.expected:
        message = f"{answer.model} answered, not {' or '.join(sorted(failing.expected))}"
        failure = Failure("other-step", message, "Compare the client's fallbacks with those of its role")
        return ProbeResult(
            result.label, Answer(model=answer.model, seconds=answer.seconds, failure=failure), drill=drill
        )
    return result.with_note(f"with {failing.name} failing, {answer.model} answered")
