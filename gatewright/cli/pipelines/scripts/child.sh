#!/usr/bin/env bash
# Sourced: `child COMMAND…` runs a command that ends in order if this shell alone is signalled, as when a run is cancelled.
set -euo pipefail

child='' stopped=''
trap 'stopped=1; [[ -z $child ]] || kill -TERM "$child"' INT TERM
child() {
  local code=0
  "$@" &
  child=$!
  wait "$child" || code=$?
  while kill -0 "$child" 2> /dev/null; do
    code=0
    wait "$child" || code=$?
  done
  child=''
  [[ -z $stopped ]] || exit 130
  return "$code"
}
