"""Whoever has the keys alone: Tab, Enter, Space, arrows and letters. At each step the focus is somewhere, and seen."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any, Final

from playwright.sync_api import JSHandle, Locator, Page, expect

from local.sign_in import totp
from tests.browser.visitor import Visitor

MOST_TABS: Final = 150
# What is wrong with the focus as it is now, for whoever sees it; "" where nothing is.
_FAULT: Final = """() => {
  let it = document.activeElement;
  while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
  if (it === null || it === document.body) return 'the focus is nowhere';
  // A shop's own page is not ours.
  if (document.querySelector('buyer-protection-case') && !(it.getRootNode() instanceof ShadowRoot)) return '';
  const name = it.tagName + ' ' + (it.getAttribute('aria-label') ?? it.textContent).slice(0, 40);
  // A heading or the content has it after a change of the page: nothing there can be pressed.
  if (it.tabIndex < 0) return '';
  const shown = it.closest('.pick') ?? it;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return name + ': has no outline';
  if (shown.matches('.button.main') && box.height < 44) return name + ': is lower than 44 px';
  if (Math.min(box.width, box.height) < 24 && !shown.matches('p a, li a, .choice input')) return name + ': is small';
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  if (right - left < 4 || bottom - top < 4) return name + ': is out of sight';
  const root = it.getRootNode();
  const above = root.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return above === null || shown.contains(above) || above.contains(shown) ? '' : name + ': is covered';
}"""
# Everything that has to be reached, each with a mark; of the radio buttons of a name one is enough.
_MARK: Final = """() => {
  const root = document.querySelector('buyer-protection-case')?.shadowRoot ?? document;
  const within = root.querySelector('dialog[open]') ?? root;
  const radios = new Set();
  const all = [...within.querySelectorAll('a[href], button, input, select, textarea, summary, video, [tabindex="0"]')]
    .filter(it => it.checkVisibility({visibilityProperty: true}) && it.tabIndex >= 0)
    .filter(it => it.type !== 'radio' || !radios.has(it.name) && radios.add(it.name));
  window.toReach = new Set(all.map(it => it.type === 'radio' ? it.name : it));
  return all.length;
}"""
_REACHED: Final = """() => {
  let it = document.activeElement;
  while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
  window.toReach.delete(it?.type === 'radio' ? it.name : it);
  return window.toReach.size;
}"""
_LEFT_OUT: Final = """() => [...window.toReach].map(it => it.outerHTML?.slice(0, 120) ?? it)"""


def fault(page: Page) -> str:
    """What is wrong with the focus, or nothing."""
    found: str = page.evaluate(_FAULT)
    return found


def walk(page: Page) -> list[str]:
    """Go through everything by Tab: what is not seen on the way, and what is not reached."""
    left: int = page.evaluate(_MARK)
    found: list[str] = []
    # Once around, and a step out of the page and into it again; a date has a stop for each of its parts.
    for _ in range(2 * left + 8):
        page.keyboard.press("Tab")
        left = page.evaluate(_REACHED)
        wrong = fault(page)
        if wrong and wrong != "the focus is nowhere":
            found.append(wrong)
        if left == 0:
            break
    return found + [f"is not reached: {it}" for it in page.evaluate(_LEFT_OUT)]


class Keys:
    """A visitor without a mouse."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page

    # --- going there

    def sign_in(self) -> None:
        """On the provider's page, which comes by itself; then the focus is at the beginning of ours."""
        page, stack = self.page, self.visitor.stack
        person = stack.people[self.visitor.name]
        page.wait_for_url(re.compile(r"/oauth2/authorize|/login"))
        for name, text in (("username", person.username), ("password", person.password)):
            self._to(page.locator(f"input[name={name}]"))
            page.keyboard.type(text)
        if person.totp_secret is not None:
            self._to(page.locator("input[name=code]"))
            page.keyboard.type(totp(person.totp_secret, time.time()))
        page.keyboard.press("Enter")
        page.wait_for_url(f"{stack.site_url}/**")
        expect(page.locator("h1").first).to_be_visible()
        expect(page.locator("#main")).to_be_focused()

    def visit(self, path: str) -> Page:
        self.page.goto(path)
        self.sign_in()
        return self.page

    def _to(self, wanted: Locator) -> None:
        expect(wanted).to_be_visible()
        for _ in range(MOST_TABS):
            if wanted.evaluate("it => it === it.getRootNode().activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is not reached by the keyboard")

    def seen(self) -> None:
        """Whoever looks at the screen knows where the focus is."""
        wrong = fault(self.page)
        assert not wrong, wrong

    def to(self, wanted: Locator) -> None:
        """On to an element, which is then seen to have the focus."""
        self._to(wanted)
        self.seen()

    # --- acting

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        self.to(wanted)
        self.page.keyboard.press(key)

    def tick(self, wanted: Locator) -> None:
        self.press(wanted, "Space")
        expect(wanted).to_be_checked()

    def choose(self, wanted: Locator) -> None:
        """One of several radio buttons: to any of them, then by the arrows."""
        name = wanted.get_attribute("name")
        for _ in range(MOST_TABS):
            if self.page.evaluate("name => document.activeElement.name === name", name):
                break
            self.page.keyboard.press("Tab")
        for _ in range(MOST_TABS):
            if wanted.evaluate("it => it === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        self.seen()
        self.page.keyboard.press("Space")
        expect(wanted).to_be_checked()

    def select(self, wanted: Locator, value: str) -> None:
        self.to(wanted)
        self.page.keyboard.press("Home")
        for _ in range(MOST_TABS):
            if wanted.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{wanted} has no {value}")

    def write(self, wanted: Locator, text: str) -> None:
        self.to(wanted)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def date(self, wanted: Locator, at: datetime) -> None:
        """An instant: each part is left for the next one once it is complete."""
        self.to(wanted)
        self.page.keyboard.type(f"{at:%m%d%Y%I%M%p}")
        expect(wanted).to_have_value(f"{at:%Y-%m-%dT%H:%M}")

    # --- dialogs

    def open(self, opener: Locator) -> tuple[Locator, JSHandle]:
        """Open a dialog, in which the focus then is; the dialog, and what opened it."""
        self.to(opener)
        handle = self.page.evaluate_handle("() => document.activeElement")
        self.page.keyboard.press("Enter")
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("it => it.contains(document.activeElement)")
        return dialog, handle

    def confirm(self, button: Locator, opener: JSHandle) -> None:
        """The press that counts. The dialog closes; the focus is where it was, or at the head where that is gone."""
        self.press(button)
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        self.back(opener)

    def leave(self, opener: JSHandle) -> None:
        """Close it by Escape: the focus is where it was."""
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        self.back(opener)

    def back(self, opener: JSHandle) -> None:
        for _ in range(100):
            if self.page.evaluate(_IS_BACK, opener):
                break
            self.page.wait_for_timeout(50)
        where: Any = self.page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
        assert self.page.evaluate(_IS_BACK, opener), where
        self.seen()


_IS_BACK: Final = """opener => opener.isConnected
  ? document.activeElement === opener : document.activeElement.id === 'now'"""
