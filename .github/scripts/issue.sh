#!/usr/bin/env bash
# issue.sh FILE open|kept|closed: the one open issue of this workflow, known by FILE's first line and its author, holds
# FILE. `open` makes it where there is none; `closed` closes it where there is one; `kept` does neither.
set -euo pipefail
marker=$(head -n 1 "$1")
issues=repos/$GITHUB_REPOSITORY/issues

mine=$(
  gh api --paginate "$issues?state=open&per_page=100" |
    jq --raw-output --arg marker "$marker" '.[]
      | select(.user.login == "github-actions[bot]" and ((.body // "") | startswith($marker)) and .pull_request == null)
      | .number' | sed -n 1p
)
if [[ -n $mine ]]; then
  jq --raw-input --slurp --arg state "${2/kept/open}" '{body: ., state: $state}' "$1" > "$RUNNER_TEMP/body.json"
  gh api --method PATCH "$issues/$mine" --input "$RUNNER_TEMP/body.json" --jq .html_url
elif [[ $2 == open ]]; then
  jq --raw-input --slurp '{title: "Drift: Cloudflare is not as the files say", body: .}' "$1" > "$RUNNER_TEMP/body.json"
  gh api --method POST "$issues" --input "$RUNNER_TEMP/body.json" --jq .html_url
fi
