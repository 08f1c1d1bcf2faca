#!/usr/bin/env bash
# issue.sh [drift|usage]: writes the sections of $ENVIRONMENTS into the open issue about that, which is identified by its
# first line and its author. Drift, a limit or a failure opens a missing one; it is closed if every environment is clean.
set -euo pipefail
kind=${1:-drift}
title="Drift: Cloudflare differs from the files"
[[ $kind != usage ]] || title="Usage: limits are nearly used up"
document=$RUNNER_TEMP/document.md
"$(dirname "${BASH_SOURCE[0]}")/document.sh" "$kind" > "$document"
marker=$(head -n 1 "$document")
issues=repos/$GITHUB_REPOSITORY/issues

state=closed
while read -r name; do
  if [[ $(cat "sections/$name.code" 2> /dev/null) != 0 ]]; then
    state=open
  elif [[ $kind == drift && $state == closed ]] && ! grep --quiet '^## gatewright drift: 1 of 1 clean' "sections/$name.md"; then
    state=kept # not deployed yet, or not on this backend: not known to be clean
  fi
done < <(jq --raw-output '.[]' <<< "$ENVIRONMENTS")

number=$(
  gh api --paginate "$issues?state=open&per_page=100" |
    jq --raw-output --arg marker "$marker" '.[]
      | select(.user.login == "github-actions[bot]" and ((.body // "") | startswith($marker)) and .pull_request == null)
      | .number' | sed -n 1p
)
if [[ -n $number ]]; then
  jq --raw-input --slurp --arg state "${state/kept/open}" '{body: ., state: $state}' "$document" > "$RUNNER_TEMP/body.json"
  gh api --method PATCH "$issues/$number" --input "$RUNNER_TEMP/body.json" --jq .html_url
elif [[ $state == open ]]; then
  jq --raw-input --slurp --arg title "$title" '{title: $title, body: .}' "$document" > "$RUNNER_TEMP/body.json"
  gh api --method POST "$issues" --input "$RUNNER_TEMP/body.json" --jq .html_url
fi
