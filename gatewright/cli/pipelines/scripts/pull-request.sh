#!/usr/bin/env bash
# pull-request.sh: commits catalog-update/patch to the branch gatewright-catalog, and opens a pull request to $BASE with
# catalog-update/body.md, or updates the open one. The previews of $ENVIRONMENTS become its comment. Nothing that has
# been added to the branch is kept.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
branch=gatewright-catalog
title='Update the catalog of models'
pulls=repos/$GITHUB_REPOSITORY/pulls

git apply --index catalog-update/patch
git -c user.name='github-actions[bot]' -c user.email='github-actions[bot]@users.noreply.github.com' \
  commit --quiet --message "$title"
credential=$(printf 'x-access-token:%s' "$GH_TOKEN" | base64 | tr -d '\n')
echo "::add-mask::$credential" >&2
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader" \
  GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $credential" \
  git push --quiet --force origin "HEAD:refs/heads/$branch"

owner=${GITHUB_REPOSITORY%%/*}
number=$(gh api "$pulls?state=open&head=$owner:$branch" | jq --raw-output '.[0].number // empty')
if [[ -n $number ]]; then
  jq --raw-input --slurp '{body: .}' catalog-update/body.md > "$RUNNER_TEMP/pull.json"
  gh api --method PATCH "$pulls/$number" --input "$RUNNER_TEMP/pull.json" --jq .html_url
else
  jq --raw-input --slurp --arg title "$title" --arg head "$branch" --arg base "$BASE" \
    '{title: $title, head: $head, base: $base, body: .}' catalog-update/body.md > "$RUNNER_TEMP/pull.json"
  number=$(gh api --method POST "$pulls" --input "$RUNNER_TEMP/pull.json" | jq --raw-output .number)
fi
if compgen -G 'sections/*.md' > /dev/null; then
  PULL_REQUEST=$number GONE='[]' "$here/comment.sh"
fi
