"""The environment of a command started by `run`: ordinary variables, those that the client needs, nothing else.

A list of what is withheld would always lack something: a registry's token, the key of an exporter, a cloud's session.
So everything is withheld that is not known to be harmless or needed.
"""

from __future__ import annotations

from dataclasses import field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORDINARY = _names(
    """
    HOME USER LOGNAME USERNAME SHELL PATH PWD OLDPWD SHLVL _ HOSTNAME HOST HOSTTYPE MACHTYPE OSTYPE MAIL UID
    LANG LANGUAGE LC_* TZ LOCPATH LOCALE_ARCHIVE CHARSET TERM TERM_PROGRAM TERM_PROGRAM_VERSION TERM_SESSION_ID
    COLORTERM COLORFGBG COLUMNS LINES TERMINFO TERMINFO_DIRS NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE
    LS_COLORS VTE_VERSION WT_SESSION WT_PROFILE_ID KITTY_WINDOW_ID ITERM_SESSION_ID ITERM_PROFILE LC_TERMINAL
    LC_TERMINAL_VERSION WINDOWID TMUX TMUX_PANE STY ZELLIJ TMPDIR TMP TEMP EDITOR VISUAL PAGER MANPAGER BROWSER
    LESS LESSOPEN LESSCLOSE MANPATH INFOPATH INPUTRC HISTFILE ZDOTDIR GIT_EDITOR GIT_PAGER GIT_AUTHOR_NAME
    GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL EMAIL DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_*
    DBUS_SESSION_BUS_ADDRESS DESKTOP_SESSION GDK_BACKEND QT_QPA_PLATFORM SSH_TTY SSH_CLIENT SSH_CONNECTION
    SSH_AUTH_SOCK GPG_TTY HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY FTP_PROXY http_proxy https_proxy all_proxy
    no_proxy ftp_proxy SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS
    NIX_SSL_CERT_FILE GIT_SSL_CAINFO LD_LIBRARY_PATH DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH
    PKG_CONFIG_PATH CPATH LIBRARY_PATH PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE
    PYTHONIOENCODING PYTHONUTF8 PYTHONWARNINGS VIRTUAL_ENV VIRTUAL_ENV_PROMPT CONDA_PREFIX CONDA_DEFAULT_ENV
    CONDA_EXE CONDA_SHLVL PYENV_ROOT PYENV_VERSION UV_CACHE_DIR PIP_CACHE_DIR PIPX_HOME PIPX_BIN_DIR NODE_PATH
    NODE_ENV NODE_OPTIONS NVM_DIR NVM_BIN NVM_INC FNM_DIR VOLTA_HOME COREPACK_HOME PNPM_HOME BUN_INSTALL
    NPM_CONFIG_PREFIX NPM_CONFIG_CACHE npm_config_prefix npm_config_cache GOPATH GOROOT GOBIN GOCACHE GOMODCACHE
    CARGO_HOME RUSTUP_HOME JAVA_HOME GEM_HOME GEM_PATH RBENV_ROOT DENO_DIR ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR
    HOMEBREW_PREFIX HOMEBREW_CELLAR HOMEBREW_REPOSITORY NIX_PATH NIX_PROFILES IN_NIX_SHELL WSL_DISTRO_NAME
    WSL_INTEROP WSLENV CI GITHUB_ACTIONS GITLAB_CI container INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET
    LISTEN_FDS LISTEN_PID LISTEN_FDNAMES MAINPID SYSTEMD_EXEC_PID STATE_DIRECTORY RUNTIME_DIRECTORY
    CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY __CFBundleIdentifier __CF_USER_TEXT_ENCODING
    XPC_SERVICE_NAME XPC_FLAGS COMMAND_MODE SECURITYSESSIONID LaunchInstanceID
    """
)
"""Variables of shells, terminals, locales, networks and language runtimes. None of them holds a key by its purpose."""

CLIENTS = _names(
    """
    OPENCLAW_HOME OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_PROFILE OPENCLAW_INCLUDE_ROOTS
    OPENCLAW_NO_RESPAWN PI_CODING_AGENT_DIR PI_OFFLINE PI_SKIP_VERSION_CHECK PI_CACHE_RETENTION OPENCODE_CONFIG
    OPENCODE_CONFIG_DIR OPENCODE_DISABLE_* OPENCODE_EXPERIMENTAL* CLAUDE_CONFIG_DIR CLAUDE_CODE_*
    DISABLE_AUTOUPDATER DISABLE_TELEMETRY DISABLE_ERROR_REPORTING CODEX_HOME CONTINUE_GLOBAL_DIR LLM_USER_PATH
    AIDER_CONFIG* LITELLM_LOG LITELLM_MODE LITELLM_LOCAL_MODEL_COST_MAP QWEN_HOME COPILOT_HOME COPILOT_OFFLINE
    COPILOT_AUTO_UPDATE GEMINI_CLI_HOME GEMINI_CLI_SYSTEM_SETTINGS_PATH GEMINI_CLI_SYSTEM_DEFAULTS_PATH
    GEMINI_CLI_TRUST_WORKSPACE GEMINI_CLI_NO_RELAUNCH
    """
)
"""Variables with which a client's user says where its files are and how it runs."""

_SECRETS = ("*_TOKEN", "*_KEY", "*_SECRET", "*_PASSWORD", "*_PASSPHRASE", "*_CREDENTIALS", "*_AUTH")
"""Names that no pattern passes on; CLAUDE_CODE_* would include CLAUDE_CODE_OAUTH_TOKEN."""


@frozen
class CommandEnvironment:
    """All variables of the command, and the names of the shell's variables that it does not get, in order."""

    variables: dict[str, str] = field(repr=False)
    withheld: tuple[str, ...]


def command_environment(
    shell: Mapping[str, str], needed: Mapping[str, str], keep: Iterable[str], conflicting: Collection[str] = ()
) -> CommandEnvironment:
    """The environment of a command from that of the shell.

    `needed` are the client's variables with their values. `keep` names further variables of the shell, where `*` stands
    for any characters. Ordinary variables in `conflicting` are withheld.
    """
    kept = tuple(keep)
    passed_on = {
        name: value
        for name, value in shell.items()
        if _matches(name, kept) or (is_ordinary(name) and name not in conflicting)
    }
    withheld = sorted(name for name in shell if name not in passed_on and name not in needed)
    return CommandEnvironment({**passed_on, **needed}, tuple(withheld))


def is_ordinary(name: str) -> bool:
    """Whether a variable of this name is passed on without being named."""
    return name in ORDINARY or name in CLIENTS or (_matches(name, _PATTERNS) and not _matches(name, _SECRETS))


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


_PATTERNS = tuple(sorted(name for name in ORDINARY | CLIENTS if "*" in name))
