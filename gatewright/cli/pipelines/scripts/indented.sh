#!/usr/bin/env bash
# Prints any text as an indented Markdown code block, which nothing inside can close. A lone CR ends a line too.
set -euo pipefail
tr '\r\v\f' '   ' | tail -n 60 | cut -c -400 | sed 's/^/    /'
