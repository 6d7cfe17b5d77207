"""`python -m tests.browser.gates`: measures every page against its budgets and prints them as a table.

Each row is a gate: its bound, the worst that was found and where, and whether that holds; exit code 1 if one fails.
`--language ar`, `--scene talk` and `--sample 5` (every fifth look at a page) take fewer.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, product
from typing import Any, Final
from urllib.request import urlopen

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.geometry import WIDTHS as MIRRORED
from tests.browser.geometry import Shape, differences, loose, shape, unturned
from tests.browser.keyboard import walk
from tests.browser.scenes import PSEUDO, SCENES, Scene, Session, sessions
from tests.browser.stage import running
from tests.browser.visitor import ROOT, Visitor
from tests.e2e.world import World
from tools.browser import install
from tools.page_types import TYPES

DAY_SECONDS: Final = 240
WIDTHS: Final = (320, 768, 1440)
# Colour scheme and forced colours.
SCHEMES: Final[tuple[tuple[Any, Any], ...]] = (("light", "none"), ("dark", "none"), ("light", "active"))
TEXTS: Final = ("100%", "200%")
LANGUAGES: Final = ("en", "ar", PSEUDO)
KB: Final = 1_000
# Each has a script and words of its own, which nobody else loads.
AREAS: Final = ("team", "operators", "buyers")
POLLING: Final = ("talk-buyer", "cases-buyer", "operations", "queue", "review")
# Of the pages' three looks at the server within that time none may come while nobody looks.
HIDDEN_MS: Final = 120_000


@dataclass
class Gate:
    """A bound, and every measure against it with where it was taken."""

    name: str
    bound: float
    unit: str = ""
    least: bool = False
    found: list[tuple[float, str]] = field(default_factory=list)

    def add(self, value: float, where: str) -> None:
        self.found.append((value, where))

    @property
    def failing(self) -> list[tuple[float, str]]:
        return [one for one in self.found if (one[0] < self.bound if self.least else one[0] > self.bound)]

    @property
    def holds(self) -> bool:
        """A gate that measured nothing does not hold."""
        return bool(self.found) and not self.failing

    def row(self) -> tuple[str, ...]:
        worst = (min if self.least else max)(
            self.found, key=lambda one: one[0], default=(float("nan"), "nothing")
        )
        bound = f"{'>=' if self.least else '<='} {self.bound:g} {self.unit}"
        return (
            self.name,
            bound.strip(),
            f"{worst[0]:.4g}",
            worst[1] if worst[0] else "",
            str(len(self.found)),
            "ok" if self.holds else f"FAILS ({len(self.failing)})",
        )


class Gates:
    """All gates of a run, in the order of the table, and how each scene lies from left to right."""

    def __init__(self) -> None:
        self.shapes: dict[tuple[str, int], Shape] = {}
        self.missing = Gate("scenes that could not be shown", 0)
        self.total = Gate("first load, gzip, in one language", 60, "KB")
        self.area = Gate("first load of the team or of operators", 60, "KB")
        self.script = Gate("script, gzip", 40, "KB")
        self.style = Gate("style, gzip", 6, "KB")
        self.language = Gate("a language, gzip", 8, "KB")
        self.lines = Gate("lines of web/, without what is generated or translated", 6_000)
        self.before = Gate("requests before the sign-in", 4)
        self.calls = Gate("API calls of a page", 3)
        self.hidden = Gate("requests while hidden", 0)
        self.shown = Gate("requests once it is seen again", 1, least=True)
        self.shift = Gate("layout shift", 0)
        self.nodes = Gate("DOM nodes", 800)
        self.axe = Gate("axe-core: violations", 0)
        self.overflow = Gate("overflow", 0, "px")
        self.keys = Gate("controls that the keys do not reach, or not visibly", 0)
        self.mirror = Gate("right to left: parts that do not mirror left to right", 0)
        self.turned = Gate("right to left: signs that are not turned", 0)
        self.loose = Gate("right to left: ids and amounts that nothing keeps apart", 0)
        self.troubles = Gate("console errors, CSP reports, foreign requests", 0)

    def all(self) -> list[Gate]:
        return [one for one in vars(self).values() if isinstance(one, Gate)]


def main(argv: list[str] | None = None) -> int:
    """Measure, print the table, and what fails with its places."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.gates", description=__doc__)
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--scene", default="", help="only those whose name contains this")
    parser.add_argument(
        "--sample", type=int, default=1, help="of the looks at a page only each of that number"
    )
    arguments = parser.parse_args(argv)
    scenes = [scene for scene in SCENES if arguments.scene in scene.name]
    begun = time.monotonic()
    with running(DAY_SECONDS) as world, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install(), args=["--no-sandbox"])
        gates = measure_all(browser, world, scenes, arguments.language or list(LANGUAGES), arguments.sample)
    # A choice of scenes or of a language does not come to all gates; a whole run has to.
    judged = [gate for gate in gates.all() if gate.found or not (arguments.scene or arguments.language)]
    print(table(judged))
    print(f"{len(scenes)} scenes in {round(time.monotonic() - begun)} s")
    return 0 if all(gate.holds for gate in judged) else 1


def measure_all(
    browser: Browser, world: World, scenes: list[Scene], languages: list[str], sample: int = 1
) -> Gates:
    """Measure these scenes in these languages, each `sample`th look at them."""
    gates, numbers = Gates(), count()
    sizes(world.stack.site_url, gates)
    with sessions(browser, world, scenes, languages) as each:
        for session, shown in each:
            for scene in shown:
                chosen = (next(numbers) % sample == 0 for _ in count())
                try_to_measure(session, scene, gates, chosen)
            troubles = session.visitor.troubles
            gates.troubles.add(len(troubles), f"{session.reader} {troubles[:1]}")
    for scene in (one for one in scenes if one.name in POLLING):
        hide(browser, world, scene, gates)
    return gates


def table(gates: list[Gate]) -> str:
    """The gates as a table, then every place at which one fails."""
    rows = [("gate", "bound", "worst", "where", "measured", ""), *(gate.row() for gate in gates)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines += [f"FAILS {gate.name}: {value:g} at {where}" for gate in gates for value, where in gate.failing]
    return "\n".join(lines)


def sizes(site_url: str, gates: Gates) -> None:
    """What a first visit loads, as it is sent, and how much there is to read of it."""
    gates.lines.add(lines_of_web(), "web/")
    page = _get(f"{site_url}/").decode()
    assets = sorted(set(re.findall(r"/assets/[\w.-]+", page)))
    sent = {path: len(gzip.compress(_get(site_url + path), 9)) / KB for path in assets}
    loaded = re.findall(r'(?:src|href)="(/assets/[\w.-]+)"', page)
    script, style = (
        sum(sent[path] for path in loaded if path.endswith(ending)) for ending in (".js", ".css")
    )
    gates.script.add(script, "index.html")
    gates.style.add(style, "index.html")
    first = script + style + len(gzip.compress(page.encode())) / KB
    languages = {
        found[1]: path
        for path in assets
        if (found := re.match(r"/assets/([a-z]{2}(?:-[A-Z]{2})?)-[0-9A-F]{8}\.json$", path))
    }
    for tag, path in languages.items():
        gates.language.add(sent[path], path)
        gates.total.add(first + sent[path], path)
        for area in AREAS:
            own = [it for it in assets if re.match(rf"/assets/({tag}-)?{area}-", it)]
            gates.area.add(first + sent[path] + sum(sent[it] for it in own), f"{area} {tag}")


def lines_of_web() -> int:
    """Everything in web/ that somebody has written: modules, the build, the style."""
    web = ROOT / "web"
    files = [
        it for ending in ("ts", "tsx", "css") for it in (web / "src").rglob(f"*.{ending}") if it != TYPES
    ]
    files += [*web.glob("*.mjs"), *web.glob("*.html"), web / "package.json", web / "tsconfig.json"]
    return sum(len(it.read_text(encoding="utf-8").splitlines()) for it in files)


def _get(url: str) -> bytes:
    with urlopen(url, timeout=30) as answer:
        body: bytes = answer.read()
    return body


def try_to_measure(session: Session, scene: Scene, gates: Gates, chosen: Iterator[bool]) -> None:
    """Measure it; what cannot be shown is a finding too, and the others are measured all the same."""
    where = f"{scene.name} {session.language}"
    try:
        measure(session, scene, gates, chosen)
    except (Error, AssertionError) as missing:
        gates.missing.add(1, f"{where}: {str(missing)[:200]}")
    else:
        gates.missing.add(0, where)


def measure(session: Session, scene: Scene, gates: Gates, chosen: Iterator[bool]) -> None:
    """Go to the scene; then look at it in every width, scheme and size of text."""
    where = f"{scene.name} {session.language}"
    page = session.page
    page.set_viewport_size({"width": 1024, "height": 900})
    # What this moves is not the page's doing; it is drawn, and has been counted, however slow the machine is.
    page.wait_for_timeout(200)
    page.evaluate(_FORGET_SHIFTS)
    known = len(session.visitor.requests)
    session.go(scene)
    page.wait_for_timeout(300)
    asked = session.visitor.requests[known:]
    signed_in = [index for index, it in enumerate(asked) if "/oauth2/authorize" in it.url]
    if signed_in:
        first = [it for it in asked[: signed_in[0]] if not it.url.endswith("icon.svg")]
        gates.before.add(len(first), where)
    # A look at whether a page has changed, which only a page that is there takes, may fall into this time.
    calls = [
        it for it in asked if "/v1/" in it.url and it.method == "GET" and "if-none-match" not in it.headers
    ]
    gates.calls.add(len(calls), where)
    shifted, moved = page.evaluate("() => [window.shifted, window.moved]")
    gates.shift.add(shifted, f"{where} {'; '.join(moved)[:400]}" if shifted else where)
    page.evaluate(_FORGET_SHIFTS)
    gates.nodes.add(page.evaluate("() => document.querySelectorAll('*').length"), where)
    compare(session, scene, gates)
    for text, width, (scheme, forced) in product(TEXTS, WIDTHS, SCHEMES):
        if next(chosen):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, forced_colors=forced)
            page.evaluate("size => { document.documentElement.style.fontSize = size }", text)
            look = f"{where} {width}px {scheme if forced == 'none' else 'forced'} {text}"
            found = session.visitor.violations()
            gates.axe.add(len(found), f"{look} {found[0] if found else ''}")
            gates.overflow.add(session.visitor.overflow(), look)
    page.emulate_media(color_scheme="light", forced_colors="none")
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")


# Before the first page there is no document that counts.
_FORGET_SHIFTS: Final = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.shifts?.takeRecords();
  window.shifted = 0;
  window.moved = [];
  done();
})))"""


def compare(session: Session, scene: Scene, gates: Gates) -> None:
    """Go through it by the keys, and lay the page that is read from the right upon that which is read from the left."""
    page, where = session.page, f"{scene.name} {session.language}"
    for width in MIRRORED:
        page.set_viewport_size({"width": width, "height": 900})
        if session.language == "en":
            gates.shapes[scene.name, width] = shape(page)
        elif session.language == "ar" and (scene.name, width) in gates.shapes:
            wrong = differences(gates.shapes[scene.name, width], shape(page))
            gates.mirror.add(len(wrong), f"{where} {width}px {wrong[:1]}")
    if session.language == "ar":
        for gate, wrong in ((gates.turned, unturned(page)), (gates.loose, loose(page))):
            gate.add(len(wrong), f"{where} {wrong[:1]}")
    if session.language == "en":
        wrong = walk(page)
        gates.keys.add(len(wrong), f"{where} {wrong[:1]}")


def hide(browser: Browser, world: World, scene: Scene, gates: Gates) -> None:
    """Let time pass while nobody looks at the page, then look again."""
    one = Visitor(browser, world.stack, scene.reader, {})
    try:
        case = _some_case(world)
        one.page.clock.install()
        page = one.visit(scene.path.format_map(defaultdict(lambda: case)))
        page.locator(scene.ready).first.wait_for()
        page.wait_for_timeout(1_000)
        gates.hidden.add(_requests_while(one, page, "hidden"), scene.name)
        gates.shown.add(_requests_while(one, page, "visible"), scene.name)
    finally:
        one.close()


def _some_case(world: World) -> str:
    found = world.client.get("buyer", "/v1/disputes", {"role": "BUYER"}).body["items"]
    return str(found[0]["dispute_id"])


def _requests_while(one: Visitor, page: Page, state: str) -> int:
    page.evaluate(
        """state => {
          Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }""",
        state,
    )
    known = len(one.requests)
    page.clock.run_for(HIDDEN_MS)
    page.wait_for_timeout(1_500)
    return len(one.requests) - known


if __name__ == "__main__":
    sys.exit(main())
