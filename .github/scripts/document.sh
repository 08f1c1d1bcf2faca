#!/usr/bin/env bash
# document.sh preview|drift: the sections of all $ENVIRONMENTS as one document, its marker in the first line, on standard
# output. $GONE: those whose file a change takes away. Both are JSON lists of names.
set -euo pipefail
what=$1
marker="<!-- gatewright:$what -->"
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID

section() {
  if [[ -s sections/$1.md ]]; then
    sed "1{/^<!-- gatewright:$what -->\$/d};2{/^## gatewright $what/d}" "sections/$1.md"
  else
    printf '### %s: no %s\n\nIts job did not get that far: [the run](%s).\n' "$1" "$what" "$run"
  fi
}

printf '%s\n## gatewright %s\n\n' "$marker" "$what"
jq --raw-output '.[]' <<< "$ENVIRONMENTS" | {
  room=58000 # characters; GitHub takes 65,536, and what is left out is named
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
    printf '> Too long for one document, left out: %s. [The run](%s) has them.\n\n' "$named" "$run"
  fi
}
if [[ $what == preview && $ENVIRONMENTS == '[]' ]]; then
  printf 'No environment is touched.\n\n'
fi
jq --raw-output '.[] | "**\(.)** has no file any more, and its stack is still there: put the file back, then `gatewright retire \(.)`."' <<< "${GONE:-[]}"
