"""The rendered reference of the API is one file that fetches nothing (`make reference`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tools.browser import install
from tools.document.checks import DOCUMENT
from tools.document.reference import render, write

SECONDS = 60


def test_the_document_cannot_end_its_script_early() -> None:
    document = {"info": {"title": "A <b>"}, "x": "</script><script>alert(1)</script>"}

    page = render(json.dumps(document), "var Redoc;")

    assert page.count("</script>") == 2
    assert "<title>A &lt;b&gt;: API reference</title>" in page
    with pytest.raises(ValueError, match="end its own script"):
        render(json.dumps(document), "'</SCRIPT>'")


@pytest.mark.verify
def test_a_browser_shows_every_call_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    page = write(tmp_path / "index.html")
    calls = [
        call
        for methods in json.loads(DOCUMENT.read_text("utf-8"))["paths"].values()
        for call in methods.values()
    ]
    asked: list[str] = []
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install(), args=["--no-sandbox"])
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.goto(page.as_uri())
        tab.wait_for_selector("h2", timeout=SECONDS * 1000)
        shown = set(tab.locator("h2").all_inner_texts())
        browser.close()

    assert {call["summary"] for call in calls} <= {text.strip() for text in shown}
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    assert wrong == []
