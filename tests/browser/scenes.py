"""What there is to see: every page in the states that differ, for each reader. Gallery and gates go through them.

A new page is a row here: its name, its reader, its address, and an element that is there once it is complete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Browser, Page, Route, expect

from local.client import BACKEND
from tests.browser.claims import reviewed
from tests.browser.shop import Shop, opened
from tests.browser.trouble import with_trouble
from tests.browser.visitor import Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

NOBODY, SHOP = "nobody", "shop"
PSEUDO: Final = "pseudo"
LANGUAGES: Final = ("en", "ar", "es", "fr", "pt-BR", "ru")
# The words of Spanish, of every script's.
STRETCHED: Final = re.compile(r"/es(-[a-z]+)?-\w+\.json$")
TEXT = "The lamp arrived with a crack from the switch to the foot, and the shade does not fit. I have written twice."


@dataclass(frozen=True)
class Scene:
    """A page in a state. `path` may name a case of `cast`; `ready` is a CSS selector of what is there once it is
    complete, and `press` one of a button to press then, which opens a dialog. `plant` changes what the API answers,
    for the scenes behind it too."""

    name: str
    reader: str
    path: str
    ready: str
    press: str = ""
    plant: Callable[[Page], None] | None = None


_OF_A_CASE: Final = ".case .history, .case details"
_OF_THE_DESK: Final = ".desk .internal"
SCENES: Final[tuple[Scene, ...]] = (
    Scene("signed-out", NOBODY, "/disputes/{talk}", ".card .button.main"),
    *(
        Scene(f"{name}-{who}", who, f"/disputes/{{{name}}}", _OF_A_CASE)
        for who in ("buyer", "seller")
        for name in ("talk", "claim", "returning", "agreed")
    ),
    *(
        Scene(f"{name}-{who}", who, "/disputes/{talk}", _OF_A_CASE, press)
        for who, name, press in (
            ("buyer", "accept", ".now .button.main"),
            ("buyer", "evidence", "section:has(.checklist) .button"),
            ("buyer", "cancel", ".button.danger"),
            ("seller", "offer", ".actions .button"),
        )
    ),
    Scene("cases-buyer", "buyer", "/", ".cases .row"),
    Scene("cases-seller", "seller", "/", ".cases .row"),
    Scene("no-cases", "other_buyer", "/", "main .card"),
    Scene("order-buyer", "buyer", "/orders/{order}/open", "form .choice"),
    Scene("order-seller", "seller", "/orders/{order}", "main .card"),
    Scene("not-found", "buyer", "/no/such/page", "main .card"),
    Scene("shop", SHOP, "", "buyer-protection-case .case"),
    # The team.
    Scene("queue", "case_manager", "/desk", ".queue a"),
    Scene("new-claim", "case_manager", "/desk/{claim}", _OF_THE_DESK),
    Scene("review", "case_manager", "/desk/{review}", _OF_THE_DESK),
    Scene("viewer", "case_manager", "/desk/{review}", ".thumb img", ".thumb"),
    Scene("ask-for-evidence", "case_manager", "/desk/{review}", _OF_THE_DESK, ".now button"),
    Scene("others-review", "second_case_manager", "/desk/{review}", _OF_THE_DESK),
    Scene("templates", "case_manager", "/desk/templates", ".templates li"),
    Scene("template", "case_manager", "/desk/templates", ".templates li", ".templates .button"),
    Scene("operations", "operator", "/operations", ".figures"),
    Scene("operated-case", "operator", "/operations/cases/{talk}", ".listing"),
    Scene("runbook", "operator", "/operations/runbook/the-sweeper", "main .card h1"),
    Scene("operations-late", "operator", "/operations", ".ages li", plant=with_trouble),
)


def cast(world: World) -> dict[str, str]:
    """The cases and the order that the scenes name, each in its state for as long as a stack's days are long."""
    talk, claim, returning, agreed = (Case.opened(world, "NOT_AS_DESCRIBED") for _ in range(4))
    for case in (talk, claim):
        for who in ("buyer", "seller"):
            case.act(who, "messages", {"text": TEXT})
            case.act(who, "evidence", {"type": "STATEMENT", "text": TEXT})
    talk.offer("seller", 1_250)
    _let_days_pass(claim, 4)
    claim.escalate()
    offer = returning.offer("seller", 4_000, "REFUND_WITH_RETURN")
    returning.act("buyer", f"offers/{offer}/accept", {})
    agreed.act("buyer", "offers/{}/accept".format(agreed.offer("seller", 3_000)), {})
    review = reviewed(world, "NOT_AS_DESCRIBED", text=TEXT, photos=True)
    review.take_claim()
    review.act("case_manager", "claim/notes", {"text": TEXT})
    template = {"name": "A crack", "texts": {"en": TEXT, "es": TEXT}}
    assert world.client.put("case_manager", "/v1/mediation/templates/a-crack", template).status < 300
    fresh = Case(world)
    fresh.ship()
    world.invoke("audit_cases", {})
    found = {"talk": talk, "claim": claim, "returning": returning, "agreed": agreed, "review": review}
    return {name: case.dispute_id for name, case in found.items()} | {"order": fresh.order_id}


def _let_days_pass(case: Case, days: int) -> None:
    answer = case.world.client.post(BACKEND, f"{case.path}/test-clock", {"advance": f"P{days}D"})
    assert answer.status == 200, answer


@dataclass
class Session:
    """One reader in one language, signed in once, who goes from page to page without loading."""

    browser: Browser
    world: World
    reader: str
    language: str
    cast: dict[str, str]
    shop: Shop
    visitor: Visitor = field(init=False)
    is_in: bool = False

    def __post_init__(self) -> None:
        person = "buyer" if self.reader in (NOBODY, SHOP) else self.reader
        tag = "es" if self.language == PSEUDO else self.language
        self.visitor = Visitor(self.browser, self.world.stack, person, {"locale": tag})
        self.page.add_init_script(_COUNT_SHIFTS)
        if self.language == PSEUDO:
            self.page.route(STRETCHED, _stretch)
        direction = "rtl" if tag == "ar" else "ltr"
        self.shop.changes['<html lang="en">'] = f'<html lang="{tag}" dir="{direction}">'

    @property
    def page(self) -> Page:
        return self.visitor.page

    def go(self, scene: Scene) -> Page:
        """Show the scene, completely."""
        page, path = self.page, scene.path.format(**self.cast)
        if scene.plant is not None:
            scene.plant(page)
        if self.reader == SHOP:
            page.goto(self.shop.url)
        elif self.reader == NOBODY:
            page.goto("/icon.svg")
            page.evaluate("() => sessionStorage.setItem('signed-out', 'yes')")
            page.goto(path)
        elif self.is_in:
            page.keyboard.press("Escape")
            page.evaluate(GO, path)
        else:
            self.visitor.visit(path)
        self.is_in = True
        expect(page.locator(scene.ready).first).to_be_visible()
        expect(page.locator(".loading")).to_have_count(0)
        if scene.press:
            page.locator(scene.press).first.click()
            expect(page.get_by_role("dialog")).to_be_visible()
            expect(page.locator(".loading")).to_have_count(0)
        for picture in page.locator("img").all():
            picture.evaluate("one => one.decode()")
        return page

    def close(self) -> None:
        self.visitor.close()


GO: Final = """path => {
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
}"""
_COUNT_SHIFTS: Final = """{
  window.shifted = 0;
  window.moved = [];
  const place = box => [box.x, box.y, box.width, box.height].map(Math.round).join(' ');
  const name = node => node?.nodeName + '.' + (node?.className ?? '') + ' ' + (node?.textContent ?? '').slice(0, 40);
  window.shifts = new PerformanceObserver(list => {
    for (const entry of list.getEntries().filter(one => !one.hadRecentInput)) {
      window.shifted += entry.value;
      window.moved.push(...entry.sources.map(it =>
        `${name(it.node)}: ${place(it.previousRect)} -> ${place(it.currentRect)}`));
    }
  });
  window.shifts.observe({type: 'layout-shift', buffered: true});
}"""


def _stretch(route: Route) -> None:
    """A language that is half as long again as the longest of ours, with marks of other scripts."""
    answer = route.fetch()
    route.fulfill(response=answer, json=[_longer(text) for text in answer.json()])


def _longer(text: Any) -> Any:
    if isinstance(text, list):
        return [_longer(one) for one in text]
    return text if not text else f"⟦{text} {'Ünnötîgërwëïsê ' * max(1, len(text) // 30)}⟧"


@contextmanager
def sessions(browser: Browser, world: World, scenes: list[Scene], languages: list[str]) -> Iterator[Any]:
    """An iterator over the sessions that show these scenes, each with its own; everything is closed behind it."""
    cases = cast(world)
    readers = list(dict.fromkeys(scene.reader for scene in scenes))

    def each() -> Iterator[tuple[Session, list[Scene]]]:
        for reader in readers:
            for language in languages:
                session = Session(browser, world, reader, language, cases, shop)
                try:
                    yield session, [scene for scene in scenes if scene.reader == reader]
                finally:
                    session.close()

    with opened(Shop(world, cases["talk"])) as shop:
        yield each()
