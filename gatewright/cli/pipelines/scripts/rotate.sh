#!/usr/bin/env bash
# rotate.sh ENVIRONMENT: rotates the tokens that are due, and changes nothing else.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/gatewright.sh" up "$1" --only-due --yes
