"""Look at pages in Chromium: python look.py CHROMIUM PICTURES LOOKS URL… prints what was seen of each page, as JSON.

Runs with the packages of tests/browser.lock, which the virtual environment does not have.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-not-found]
from playwright.sync_api import sync_playwright  # type: ignore[import-not-found]

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"width": 1280, "scheme": "light", "media": "screen"},
    "dark": {"width": 1280, "scheme": "dark", "media": "screen"},
    "phone": {"width": 390, "scheme": "light", "media": "screen"},
    "phone-dark": {"width": 390, "scheme": "dark", "media": "screen"},
    "print": {"width": 800, "scheme": "dark", "media": "print"},
}
PAINT = """new Promise((resolve) => {
  const last = (list) => resolve(list.getEntries().at(-1).startTime);
  new PerformanceObserver(last).observe({type: "paint", buffered: true});
})"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUS = "document.activeElement.textContent"


def look(browser: Any, url: str, name: str, pictures: Path) -> dict[str, Any]:
    """One page in one look: console, what is loaded, first paint in ms, overflow in pixels, violations."""
    options = LOOKS[name]
    size = {"width": int(options["width"]), "height": 900}
    messages: list[str] = []
    loaded: list[str] = []
    context = browser.new_context(viewport=size, color_scheme=options["scheme"])
    page = context.new_page()
    page.on("console", lambda message: messages.append(message.text))
    page.on("request", lambda request: loaded.append(request.url))
    page.emulate_media(media=options["media"])
    page.goto(url)
    page.wait_for_timeout(1_500 if url.startswith("http") else 200)  # the requests of a live page
    seen = {"paint": page.evaluate(PAINT), "overflow": page.evaluate(OVERFLOW), "loaded": loaded, "console": messages}
    seen["text"] = page.inner_text("body")
    page.screenshot(path=pictures / f"{Path(url).stem or 'index'}-{name}.png", full_page=True)
    page.keyboard.press("Tab")
    seen["first focus"] = page.evaluate(FOCUS)
    context.close()
    return {"url": url, "look": name, **seen, "violations": violations(browser, url, options, size)}


def violations(browser: Any, url: str, options: dict[str, Any], size: dict[str, int]) -> list[str]:
    """What axe reports. It is a script, which the policy of the pages refuses outside of this context."""
    context = browser.new_context(viewport=size, color_scheme=options["scheme"], bypass_csp=True)
    page = context.new_page()
    page.emulate_media(media=options["media"])
    page.goto(url)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
    found = Axe().run(page).response["violations"]
    context.close()
    return [f"{entry['id']}: {node['html'][:200]}" for entry in found for node in entry["nodes"]]


def main(chromium: str, pictures: str, looks: str, *urls: str) -> None:
    """Print what was seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        seen = [look(browser, url, name, Path(pictures)) for url in urls for name in looks.split(",")]
        browser.close()
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
