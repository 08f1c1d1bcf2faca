"""VS Code: entries of chatLanguageModels.json (unproven: the tests do not run the editor).

The file is a list, into which `install` cannot merge: it writes the entries to a file beside it, to be copied.
The key lies in the editor's secret storage, and no reference to a variable is possible.
Source: the documentation of language models, 2026-10-14, and microsoft/vscode#316916.
"""

from __future__ import annotations

from gatewright.clients.common.model_info import required_figures
from gatewright.clients.common.program import Program
from gatewright.environment.capabilities import ClientCapabilities, Metadata
from gatewright.facts.slugs import Api

CONTEXT, OUTPUT = 128_000, 16_000

CAPABILITIES = ClientCapabilities(
    title="VS Code",
    unproven=True,
    metadata=Metadata(),
    fallbacks=False,
    own=False,
    two_credentials=False,
    speaks=(Api.CHAT,),
    assumes=required_figures(context=CONTEXT, output=OUTPUT),
)
PROGRAM = Program("code", "VS Code (code.visualstudio.com)")
