#!/usr/bin/env bash
# document.sh preview|drift|usage: prints the sections of all $ENVIRONMENTS as one document with a marker in its first line.
# $GONE are environments whose file a change removes. Both are JSON lists of names.
set -euo pipefail
kind=$1
marker="<!-- gatewright:$kind -->"
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID

section() {
  if [[ -s sections/$1.md ]]; then
    sed "1{/^<!-- gatewright:$kind -->\$/d;};2{/^## gatewright $kind/d;}" "sections/$1.md"
  else
    printf '### %s: no %s\n\nIts job ended earlier: [see the run](%s).\n' "$1" "$kind" "$run"
  fi
}

printf '%s\n## gatewright %s\n\n' "$marker" "$kind"
jq --raw-output '.[]' <<< "$ENVIRONMENTS" | {
  room=58000 # characters; GitHub's limit is 65,536; environments that are left out are named
  left=()
  while read -r name; do
    part=$(section "$name")
    if ((${#part} < room)); then
      printf '%s\n\n' "$part"
      room=$((room - ${#part} - 2))
    else
      left+=("$name")
    fi
  done
  if ((${#left[@]} > 0)); then
    named="${left[*]:0:50}"
    ((${#left[@]} <= 50)) || named+=" and $((${#left[@]} - 50)) more"
    printf '> Too long for one document; left out: %s. [See the run](%s).\n\n' "$named" "$run"
  fi
}
if [[ $kind == preview && $ENVIRONMENTS == '[]' ]]; then
  printf 'No environment is affected.\n\n'
fi
jq --raw-output '.[] | "**\(.)** no longer has a file, but its stack still exists: restore the file, then `gatewright retire \(.)`."' <<< "${GONE:-[]}"
