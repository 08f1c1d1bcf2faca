"""GitHub's API as far as the workflows use it, in place of the `gh` command; what it holds is one JSON file.

$FAKE_GITHUB names that file: {"comments": [...], "issues": [...], "calls": [...]}. A list comes in pages of two, one
array after the other, as `gh api --paginate` has them. What GitHub refuses is refused.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

PAGE = 2
LONGEST = 65_536
ME = "github-actions[bot]"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["api"])
    parser.add_argument("path")
    parser.add_argument("--method", default="GET")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--jq", choices=[".html_url"])
    asked = parser.parse_args()
    if not os.environ.get("GH_TOKEN"):
        sys.exit("gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.")
    file = Path(os.environ["FAKE_GITHUB"])
    held = json.loads(file.read_text())
    body = json.loads(asked.input.read_text()) if asked.input else {}
    held["calls"].append(f"{asked.method} {asked.path}")
    answer = _answer(held, asked.method, asked.path, body)
    file.write_text(json.dumps(held))
    if isinstance(answer, list):
        pages = [answer[start : start + PAGE] for start in range(0, len(answer), PAGE)] or [[]]
        sys.stdout.write("".join(json.dumps(page) for page in (pages if asked.paginate else pages[:1])))
    else:
        sys.stdout.write(answer["html_url"] if asked.jq else json.dumps(answer))


def _answer(held: dict[str, Any], method: str, path: str, body: dict[str, Any]) -> Any:
    base = f"repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    if len(body.get("body", "")) > LONGEST:
        sys.exit("gh: Body is too long (maximum is 65536 characters) (HTTP 422)")
    match method, path.removeprefix(base):
        case "GET", "?state=open&per_page=100":
            return [each for each in held["issues"] if each["state"] == "open"]
        case "POST", "":
            number = 1 + max((each["number"] for each in held["issues"]), default=0)
            held["issues"].append({"number": number, "state": "open", **_made(f"issues/{number}"), **body})
            return held["issues"][-1]
        case "GET", rest if found := re.fullmatch(r"/(\d+)/comments\?per_page=100", rest):
            return [each for each in held["comments"] if each["issue"] == int(found[1])]
        case "POST", rest if found := re.fullmatch(r"/(\d+)/comments", rest):
            number = 1 + max((each["id"] for each in held["comments"]), default=0)
            held["comments"].append({"id": number, "issue": int(found[1]), **_made(f"comments/{number}"), **body})
            return held["comments"][-1]
        case "PATCH", rest if found := re.fullmatch(r"/comments/(\d+)", rest):
            return _changed(held["comments"], "id", int(found[1]), body)
        case "PATCH", rest if found := re.fullmatch(r"/(\d+)", rest):
            return _changed(held["issues"], "number", int(found[1]), body)
        case _:
            sys.exit(f"gh: Not Found (HTTP 404): {method} {path}")


def _made(path: str) -> dict[str, Any]:
    return {"user": {"login": ME}, "html_url": f"https://fake.example/{path}"}


def _changed(all_of_them: list[dict[str, Any]], key: str, number: int, body: dict[str, Any]) -> dict[str, Any]:
    found = next(each for each in all_of_them if each[key] == number)
    if found["user"]["login"] != ME:
        sys.exit("gh: Resource not accessible by integration (HTTP 403)")
    found.update(body)
    return found


if __name__ == "__main__":
    main()
