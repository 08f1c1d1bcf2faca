#!/usr/bin/env bash
# comment.sh FILE [--only-update]: writes FILE into this workflow's comment on pull request $PULL_REQUEST, which is
# identified by FILE's first line and its author. With --only-update an existing comment is updated, none is created.
set -euo pipefail
marker=$(head -n 1 "$1")
comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments

comment=$(
  gh api --paginate "$comments?per_page=100" |
    jq --raw-output --arg marker "$marker" \
      '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith($marker))) | .id' | sed -n 1p
)
jq --raw-input --slurp '{body: .}' "$1" > "$RUNNER_TEMP/body.json"
if [[ -n $comment ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" --input "$RUNNER_TEMP/body.json" --jq .html_url
elif [[ ${2:-} != --only-update ]]; then
  gh api --method POST "$comments" --input "$RUNNER_TEMP/body.json" --jq .html_url
fi
