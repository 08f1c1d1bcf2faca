#!/usr/bin/env bash
# comment.sh: writes the sections of $ENVIRONMENTS into the comment on pull request $PULL_REQUEST, which is identified by
# its first line and its author. If no environment is affected, an existing comment is updated and none is created.
set -euo pipefail
document=$RUNNER_TEMP/document.md
"$(dirname "${BASH_SOURCE[0]}")/document.sh" preview > "$document"
marker=$(head -n 1 "$document")
comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments

comment=$(
  gh api --paginate "$comments?per_page=100" |
    jq --raw-output --arg marker "$marker" \
      '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith($marker))) | .id' | sed -n 1p
)
jq --raw-input --slurp '{body: .}' "$document" > "$RUNNER_TEMP/body.json"
if [[ -n $comment ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" --input "$RUNNER_TEMP/body.json" --jq .html_url
elif [[ $ENVIRONMENTS != '[]' || $GONE != '[]' ]]; then
  gh api --method POST "$comments" --input "$RUNNER_TEMP/body.json" --jq .html_url
fi
