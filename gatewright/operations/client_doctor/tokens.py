"""What the stack says of the tokens: which one is the newest, and which were before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.clients.common.variables import Holds, Variable
from gatewright.engine.doctor import Finding
from gatewright.errors import GatewrightError
from gatewright.operations.tokens.daemons import digest
from gatewright.operations.tokens.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class Tokens:
    """`newest` by the variable that is to hold it; `kept`: all that the stack keeps, so also what retires."""

    newest: Mapping[str, str] = field(default_factory=dict, repr=False)
    kept: tuple[str, ...] = field(default=(), repr=False)

    def knows(self, variable: Variable) -> bool:
        """Whether it is known which one is the newest."""
        return variable.name in self.newest

    def wrong(self, variable: Variable, held: str) -> str | None:
        """What is wrong with a value, told by its digest; None where it is the newest, or nobody can tell."""
        if not self.knows(variable) or held == digest(self.newest[variable.name]):
            return None
        earlier = {digest(variable.prefix + value) for value in self.kept}
        return "an earlier token, which retires" if held in earlier else "a token that the stack has not (any more)"


def tokens_of_stack(
    project: Project, environment: Environment, wanted: Sequence[Variable]
) -> tuple[Tokens, tuple[Finding, ...]]:
    """Asks the stack for them; where it cannot be opened here, that is a finding."""
    tokens = [each for each in wanted if each.holds is Holds.TOKEN]
    if not tokens:
        return Tokens(), ()
    secrets = Secrets(project, environment, {}, frozenset(each.of for each in tokens if each.of))
    try:
        supply = secrets.supply(tokens)
        return Tokens(supply.values, tuple(secrets.masks(supply))), ()
    except GatewrightError as error:
        said = f"which token is the newest cannot be told: {error.message}"
        hint = error.hint or f"gatewright up {environment.name}"
        return Tokens(), (Finding("stack", said, hint, needed=False),)
