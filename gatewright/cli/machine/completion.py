"""completion: the script with which a shell completes gatewright's commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from gatewright.command_line import NAME
from gatewright.errors import UsageError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands in a shell.

    \b
    bash:  echo 'eval "$(gatewright completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(gatewright completion zsh)"' >> ~/.zshrc
    fish:  gatewright completion fish \\
             > ~/.config/fish/completions/gatewright.fish

    Completes commands, options, environments and clients. Needs bash 4.4 or newer, and gatewright on PATH.
    """
    completer = get_completion_class(shell)
    if completer is None:
        raise UsageError(f"{shell} is not a shell that can be completed")
    click.echo(completer(ctx.find_root().command, {}, NAME, f"_{NAME.upper()}_COMPLETE").source())
