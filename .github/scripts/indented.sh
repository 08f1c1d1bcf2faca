#!/usr/bin/env bash
# Any text as a block of code in Markdown: by indentation, which nothing inside can end. A lone CR ends a line too.
set -euo pipefail
tr '\r\v\f' '   ' | tail -n 60 | cut -c -400 | sed 's/^/    /'
