#!/usr/bin/env bash
# run.sh COMMAND…: runs any gatewright command. Its outputs: `code`, the exit code; `changes`, whether that is 2;
# `output`, a file with what the command printed. With $ALLOW_CHANGES=true the exit code 2 is not a failure.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/child.sh"

case $1 in
  up | down | preview | drift | verify | routes | rotate | retire | adopt) program=("$here/gatewright.sh") ;;
  *)
    source "$here/environment.sh"
    program=(gatewright)
    ;;
esac
output=$(mktemp "$RUNNER_TEMP/gatewright-XXXXXX")
code=0
child "${program[@]}" "$@" > "$output" || code=$?
cat "$output"
{
  echo "code=$code"
  echo "changes=$([[ $code == 2 ]] && echo true || echo false)"
  echo "output=$output"
} >> "$GITHUB_OUTPUT"
[[ $code == 2 && ${ALLOW_CHANGES:-} == true ]] || exit "$code"
