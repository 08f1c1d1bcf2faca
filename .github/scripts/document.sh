#!/usr/bin/env bash
# document.sh preview|drift: the sections of all $ENVIRONMENTS as one document, its marker in the first line, on standard
# output. $GONE: those whose file a change takes away. Both are JSON lists of names.
set -euo pipefail
marker="<!-- gatewright:$1 -->"
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID

printf '%s\n## gatewright %s\n\n' "$marker" "$1"
jq --raw-output '.[]' <<< "$ENVIRONMENTS" | while read -r name; do
  if [[ -s sections/$name.md ]]; then
    sed "1{/^<!-- gatewright:$1 -->\$/d};2{/^## gatewright $1/d}" "sections/$name.md"
  else
    printf '### %s: no %s\n\nIts job did not get that far: [the run](%s).\n' "$name" "$1" "$run"
  fi
  echo
done
if [[ $1 == preview && $ENVIRONMENTS == '[]' ]]; then
  printf 'No environment is touched.\n\n'
fi
jq --raw-output '.[] | "**\(.)** has no file any more, and its stack is still there: put the file back, then `gatewright retire \(.)`."' <<< "${GONE:-[]}"
