"""A fake `gh` command with the parts of GitHub's API that the workflows use. Its data is one JSON file.

$FAKE_GITHUB names that file: {"comments": [...], "issues": [...], "pulls": [...], "calls": [...]}. Lists have pages of
two, as one array after the other like `gh api --paginate`. What GitHub refuses is refused.
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
MAX_BODY = 65_536
ME = "github-actions[bot]"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["api"])
    parser.add_argument("path")
    parser.add_argument("--method", default="GET")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--jq", choices=[".html_url"])
    arguments = parser.parse_args()
    if not os.environ.get("GH_TOKEN"):
        sys.exit("gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.")
    file = Path(os.environ["FAKE_GITHUB"])
    data = json.loads(file.read_text())
    body = json.loads(arguments.input.read_text()) if arguments.input else {}
    data["calls"].append(f"{arguments.method} {arguments.path}")
    result = _respond(data, arguments.method, arguments.path, body)
    file.write_text(json.dumps(data))
    if isinstance(result, list):
        pages = [result[start : start + PAGE] for start in range(0, len(result), PAGE)] or [[]]
        sys.stdout.write("".join(json.dumps(page) for page in (pages if arguments.paginate else pages[:1])))
    else:
        sys.stdout.write(result["html_url"] if arguments.jq else json.dumps(result))


def _respond(data: dict[str, Any], method: str, path: str, body: dict[str, Any]) -> Any:
    base = f"repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    pulls = f"repos/{os.environ['GITHUB_REPOSITORY']}/pulls"
    if path.startswith(pulls):
        return _respond_pulls(data.setdefault("pulls", []), method, path.removeprefix(pulls), body)
    if len(body.get("body", "")) > MAX_BODY:
        sys.exit("gh: Body is too long (maximum is 65536 characters) (HTTP 422)")
    match method, path.removeprefix(base):
        case "GET", "?state=open&per_page=100":
            return [issue for issue in data["issues"] if issue["state"] == "open"]
        case "POST", "":
            number = 1 + max((issue["number"] for issue in data["issues"]), default=0)
            data["issues"].append({"number": number, "state": "open", **_created(f"issues/{number}"), **body})
            return data["issues"][-1]
        case "GET", rest if match := re.fullmatch(r"/(\d+)/comments\?per_page=100", rest):
            return [comment for comment in data["comments"] if comment["issue"] == int(match[1])]
        case "POST", rest if match := re.fullmatch(r"/(\d+)/comments", rest):
            number = 1 + max((comment["id"] for comment in data["comments"]), default=0)
            data["comments"].append({"id": number, "issue": int(match[1]), **_created(f"comments/{number}"), **body})
            return data["comments"][-1]
        case "PATCH", rest if match := re.fullmatch(r"/comments/(\d+)", rest):
            return _update(data["comments"], "id", int(match[1]), body)
        case "PATCH", rest if match := re.fullmatch(r"/(\d+)", rest):
            return _update(data["issues"], "number", int(match[1]), body)
        case _:
            sys.exit(f"gh: Not Found (HTTP 404): {method} {path}")


def _respond_pulls(pulls: list[dict[str, Any]], method: str, path: str, body: dict[str, Any]) -> Any:
    match method, path:
        case "GET", "?state=open&head=fake:gatewright-catalog":
            return [pull for pull in pulls if pull["state"] == "open"]
        case "POST", "":
            number = 1 + len(pulls)
            pulls.append({"number": number, "state": "open", **_created(f"pull/{number}"), **body})
            return pulls[-1]
        case "PATCH", rest if match := re.fullmatch(r"/(\d+)", rest):
            return _update(pulls, "number", int(match[1]), body)
        case _:
            sys.exit(f"gh: Not Found (HTTP 404): {method} pulls{path}")


def _created(path: str) -> dict[str, Any]:
    return {"user": {"login": ME}, "html_url": f"https://fake.example/{path}"}


def _update(items: list[dict[str, Any]], key: str, number: int, body: dict[str, Any]) -> dict[str, Any]:
    item = next(item for item in items if item[key] == number)
    if item["user"]["login"] != ME:
        sys.exit("gh: Resource not accessible by integration (HTTP 403)")
    item.update(body)
    return item


if __name__ == "__main__":
    main()
