"""The command line: commands parse arguments, call an operation, print its result and return an exit code."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from gatewright.cli.echo import say, say_folded
from gatewright.command_line import command
from gatewright.errors import ExitCode, GatewrightError, InvalidEnvironmentError, UsageError, from_os_error
from gatewright.io.private import set_private_umask
from gatewright.io.system import ENDING

SECTIONS = {
    "Environment files": (
        "environment_files",
        (
            "init",
            "upgrade",
            "validate",
            "explain",
            "diff",
            "promote",
            "show",
            "inventory",
            "report",
            "simulate",
            "routes",
            "environments",
            "new",
            "import-client",
            "render",
            "catalog",
            "policy",
            "schema",
        ),
    ),
    "Deployment": ("deployment", ("up", "down", "preview", "drift", "verify", "usage", "logs", "adopt", "retire")),
    "Tokens and secrets": (
        "credentials",
        ("permissions", "bootstrap", "rotate", "token", "refresh", "run", "env", "scan"),
    ),
    "Clients": ("clients", ("install", "uninstall")),
    "This machine": ("machine", ("doctor", "open", "engine", "local", "completion", "version")),
    "Continuous integration": ("pipelines", ("ci",)),
}
"""The headings of `gatewright --help`, each with its package in gatewright/cli and its commands, a module each."""

COMMANDS = {
    name: f"gatewright.cli.{room}.{name.replace('-', '_')}" for room, names in SECTIONS.values() for name in names
}


class LazyGroup(click.Group):
    """Imports the module of a command only when it is called: `validate` does not import what `up` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name not in COMMANDS:
            return None
        result: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, COMMANDS))
        for heading, (_, names) in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            limit = formatter.width - width - 6
            rows = [(f"{name:<{width}}", entry.get_short_help_str(limit)) for name, entry in commands if entry]
            with formatter.section(heading):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would exit with 1
            sys.stdout = None  # nobody reads it any more, and the interpreter must not flush it
            raise click.exceptions.Exit(ExitCode.DONE) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from gatewright.diagnostics import did_you_mean

            raise UsageError(f"unknown command {args[0]}", did_you_mean(args[0], COMMANDS) or command("--help"))
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _: click.Parameter, is_set: bool) -> None:
    if is_set and not ctx.resilient_parsing:
        from gatewright.cli.machine.version import print_versions

        print_versions("text")
        ctx.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the versions of the package, the plugins and the engine.",
)
def cli() -> None:
    """Declare a Cloudflare AI Gateway, its tokens and its clients per environment.

    \b
    Exit codes:
      0    done, or nothing to do
      1    failed
      2    changes or drift found
      3    the environment is invalid
      4    refused by Cloudflare
      64   wrong command line
      130  interrupted
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit with a code of `ExitCode`."""
    sys.stdout, sys.stderr = _writable(sys.stdout), _writable(sys.stderr)
    set_private_umask()
    for ending in ENDING:  # like Ctrl-C, so that everything is cleaned up
        if signal.getsignal(ending) is signal.SIG_DFL:
            signal.signal(ending, signal.default_int_handler)
    sys.exit(run(args))


def _writable(stream: TextIO | None) -> TextIO:
    """`stream`, or /dev/null for a closed one; characters that its encoding lacks are replaced."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream


def run(args: list[str] | None = None) -> int:
    """Run the command line and return its exit code; an expected error is printed."""
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
    except RecursionError:
        hint = "Look at the files that were changed last, in stacks/ and in the client's folder"
        return _fail("a file or an answer is nested too deeply to be read", hint, ExitCode.FAILED)
    except OSError as error:
        return _fail(from_os_error(error).message, None, ExitCode.FAILED)
    return result if isinstance(result, int) else ExitCode.DONE


def _usage_hint(error: click.UsageError) -> str | None:
    return command(" ".join([*error.ctx.command_path.split()[1:], "--help"])) if error.ctx else None


def _fail(message: str, hint: str | None, code: ExitCode) -> int:
    say(f"gatewright: {message}", err=True)
    if hint:
        say(f"  → {hint}", err=True)
    return code


def _invalid(error: InvalidEnvironmentError) -> int:
    from gatewright.cli.diagnostics import diagnostic_lines

    for line in diagnostic_lines(error.diagnostics):
        say_folded(line, err=True)
    return _fail(error.message, error.hint, error.exit_code)
