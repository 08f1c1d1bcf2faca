#!/usr/bin/env bash
# comment.sh FILE: the one comment of this workflow on pull request $PULL_REQUEST, known by FILE's first line and its
# author, holds FILE; with --only-update only where there is one already.
set -euo pipefail
marker=$(head -n 1 "$1")
comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments

mine=$(
  gh api --paginate "$comments?per_page=100" |
    jq --raw-output --arg marker "$marker" \
      '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith($marker))) | .id' | sed -n 1p
)
jq --raw-input --slurp '{body: .}' "$1" > "$RUNNER_TEMP/body.json"
if [[ -n $mine ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$mine" --input "$RUNNER_TEMP/body.json" --jq .html_url
elif [[ ${2:-} != --only-update ]]; then
  gh api --method POST "$comments" --input "$RUNNER_TEMP/body.json" --jq .html_url
fi
