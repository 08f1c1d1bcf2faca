#!/usr/bin/env bash
# issue.sh FILE open|kept|closed: writes FILE into this workflow's open issue, which is identified by FILE's first line
# and its author. `open` creates a missing one, `closed` closes an existing one, `kept` does neither.
set -euo pipefail
marker=$(head -n 1 "$1")
issues=repos/$GITHUB_REPOSITORY/issues

number=$(
  gh api --paginate "$issues?state=open&per_page=100" |
    jq --raw-output --arg marker "$marker" '.[]
      | select(.user.login == "github-actions[bot]" and ((.body // "") | startswith($marker)) and .pull_request == null)
      | .number' | sed -n 1p
)
if [[ -n $number ]]; then
  jq --raw-input --slurp --arg state "${2/kept/open}" '{body: ., state: $state}' "$1" > "$RUNNER_TEMP/body.json"
  gh api --method PATCH "$issues/$number" --input "$RUNNER_TEMP/body.json" --jq .html_url
elif [[ $2 == open ]]; then
  jq --raw-input --slurp '{title: "Drift: Cloudflare differs from the files", body: .}' "$1" > "$RUNNER_TEMP/body.json"
  gh api --method POST "$issues" --input "$RUNNER_TEMP/body.json" --jq .html_url
fi
