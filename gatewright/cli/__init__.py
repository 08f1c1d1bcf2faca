"""The command line: arguments in, an operation called, its result rendered, an exit code out."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from gatewright import __version__
from gatewright.cli.echo import say
from gatewright.errors import ExitCode, GatewrightError, InvalidEnvironmentError, from_os_error

COMMANDS = {
    "validate": "gatewright.cli.environment:validate",
    "explain": "gatewright.cli.environment:explain",
    "render": "gatewright.cli.environment:render",
    "show": "gatewright.cli.show:show",
    "routes": "gatewright.cli.routes:routes",
    "new": "gatewright.cli.environment:new",
    "environments": "gatewright.cli.environments:environments",
    "schema": "gatewright.cli.environment:schema",
    "permissions": "gatewright.cli.deploying_token:permissions",
    "bootstrap": "gatewright.cli.deploying_token:bootstrap",
    "preview": "gatewright.cli.preview:preview",
    "up": "gatewright.cli.up:up",
    "down": "gatewright.cli.up:down",
    "verify": "gatewright.cli.verify:verify",
    "drift": "gatewright.cli.drift:drift",
    "rotate": "gatewright.cli.rotate:rotate",
    "run": "gatewright.cli.secrets:run",
    "env": "gatewright.cli.secrets:env",
    "install": "gatewright.cli.install:install",
    "uninstall": "gatewright.cli.install:uninstall",
    "adopt": "gatewright.cli.moving:adopt",
    "retire": "gatewright.cli.moving:retire",
    "local": "gatewright.cli.local:local",
    "engine": "gatewright.cli.engine:engine",
    "doctor": "gatewright.cli.doctor:doctor",
}


class LazyGroup(click.Group):
    """Imports a command's module when that command is called: `validate` must not wait for what only `up` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would exit with 1
            sys.stdout = None  # who read us has gone; the interpreter must not flush into it
            raise click.exceptions.Exit(ExitCode.DONE) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from gatewright.diagnostics import did_you_mean

            raise click.UsageError(f"there is no command {args[0]}. {did_you_mean(args[0], COMMANDS) or ''}".rstrip())
        return super().resolve_command(ctx, args)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gatewright", message="%(prog)s %(version)s")
def cli() -> None:
    """A Cloudflare AI Gateway, its tokens and the config files of its clients, declared per environment.

    Exit codes: 0 done, or nothing to do; 1 failed; 2 changes or drift found; 3 the environment is invalid;
    4 refused by Cloudflare; 64 the command line is wrong; 130 interrupted.
    """


def main(args: list[str] | None = None) -> None:
    """Runs the command line and ends the process with a code of `ExitCode`."""
    sys.stdout, sys.stderr = _usable(sys.stdout), _usable(sys.stderr)
    for each in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was begun is ended in order
        if signal.getsignal(each) is signal.SIG_DFL:
            signal.signal(each, signal.default_int_handler)
    sys.exit(run(args))


def _usable(stream: TextIO | None) -> TextIO:
    """A stream that was closed leads nowhere; a locale without → is no reason to fail."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream


def run(args: list[str] | None = None) -> int:
    """Runs the command line; every error that a user can cause becomes its message and its exit code."""
    try:
        result: Any = cli(args=args, prog_name="gatewright", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except click.UsageError as error:
        return _fail(error.format_message(), _usage_hint(error), ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except InvalidEnvironmentError as error:
        return _invalid(error)
    except GatewrightError as error:
        return _fail(error.message, error.hint, error.exit_code)
    except OSError as error:
        return _fail(from_os_error(error).message, None, ExitCode.FAILED)
    return result if isinstance(result, int) else ExitCode.DONE


def _usage_hint(error: click.UsageError) -> str | None:
    return f"{error.ctx.command_path} --help" if error.ctx else None


def _fail(message: str, hint: str | None, code: ExitCode) -> int:
    say(f"gatewright: {message}", err=True)
    if hint:
        say(f"  → {hint}", err=True)
    return code


def _invalid(error: InvalidEnvironmentError) -> int:
    from gatewright.cli.diagnostics import diagnostic_lines

    for line in diagnostic_lines(error.diagnostics):
        click.echo(line, err=True)
    return _fail(error.message, error.hint, error.exit_code)
