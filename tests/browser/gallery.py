"""`python -m tests.browser.gallery`: writes .local/pages/ with pictures of every page, reader and language, to browse.

Each is on a phone and on a desktop, English in the dark as well. `--language ar` and `--scene talk` take fewer.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from local.workspace import ROOT
from tests.browser.scenes import LANGUAGES, SCENES, Scene, sessions
from tests.browser.stage import running
from tools.browser import install

TARGET: Final = ROOT / ".local" / "pages"
WIDTHS: Final = {"phone": 390, "desktop": 1280}
# Nothing moves on while pictures are taken.
DAY_SECONDS: Final = 240
_HEAD: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pages</title>
<style>
  body { margin: 1rem; font: 14px/1.4 system-ui, sans-serif; }
  td, th { text-align: start; padding: 4px; vertical-align: top; }
  img { width: 110px; height: 150px; object-fit: cover; object-position: top; border: 1px solid #bbb; }
</style></head><body><h1>Pages</h1>
<p>Each picture opens the whole page. The mails are <a href="../mails/index.html">beside it</a> (make mails).</p>
"""


def main(argv: list[str] | None = None) -> int:
    """Take the pictures and write the page to browse them."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.gallery", description=__doc__)
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--scene", help="only those whose name contains this")
    arguments = parser.parse_args(argv)
    languages = arguments.language or list(LANGUAGES)
    scenes = [scene for scene in SCENES if (arguments.scene or "") in scene.name]
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    count = 0
    with running(DAY_SECONDS) as world, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install(), args=["--no-sandbox"])
        with sessions(browser, world, scenes, languages) as each:
            for session, shown in each:
                for scene in shown:
                    page = session.go(scene)
                    count += _shoot(page, scene, session.language)
    (TARGET / "index.html").write_text(index_page(TARGET.glob("*.png")), encoding="utf-8")
    print(f"{count} pictures of {len(scenes)} pages: browse {TARGET / 'index.html'}")
    return 0


def _shoot(page: Any, scene: Scene, language: str) -> int:
    """The whole page; of a dialog what the screen shows: a picture of the whole page scrolls away from it."""
    taken = 0
    for screen, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark") if language == "en" else ("light",):
            page.emulate_media(color_scheme=scheme)
            kind = f"{screen}{'-dark' if scheme == 'dark' else ''}"
            page.screenshot(path=TARGET / f"{scene.name}.{language}.{kind}.png", full_page=not scene.press)
            taken += 1
    page.emulate_media(color_scheme="light")
    return taken


def index_page(pictures: Iterable[Path]) -> str:
    """A table of scenes by languages and screens, for pictures named `<scene>.<language>.<screen>.png`."""
    table: dict[str, dict[str, str]] = {}
    columns: set[tuple[str, str]] = set()
    for picture in pictures:
        scene, language, screen, _ = picture.name.split(".")
        columns.add((language, screen))
        table.setdefault(scene, {})[f"{language}.{screen}"] = picture.name
    order = sorted(columns, key=lambda one: (LANGUAGES.index(one[0]), one[1]))
    rows = ["<tr><th>page</th>" + "".join(f"<th>{one} {screen}</th>" for one, screen in order) + "</tr>"]
    known = [scene.name for scene in SCENES]
    for scene in sorted(table, key=lambda name: known.index(name) if name in known else 0):
        cells = [_cell(table[scene].get(f"{one}.{screen}")) for one, screen in order]
        rows.append(f"<tr><th>{escape(scene)}</th>{''.join(cells)}</tr>")
    return f"{_HEAD}<table>\n" + "\n".join(rows) + "\n</table></body></html>\n"


def _cell(name: str | None) -> str:
    if name is None:
        return "<td></td>"
    return f'<td><a href="{escape(name)}"><img loading="lazy" src="{escape(name)}" alt="{escape(name)}"></a></td>'


if __name__ == "__main__":
    sys.exit(main())
