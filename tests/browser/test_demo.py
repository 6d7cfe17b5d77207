"""The demo's four stories through the pages alone, by three people: a buyer who reads Arabic on a small phone and has
the keys alone, a seller, and a case manager. Each ends as the demo expects it of the API (local/demo/stories.py)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Locator, Page, expect

from local.client import BACKEND
from local.demo.expect import Expected
from local.demo.photo import NAME, png
from local.demo.stories import (
    CLOCK,
    DECIDED,
    FIRST_OFFER,
    PAID,
    RETURNS,
    SECOND_OFFER,
    SETTLES,
    SILENT,
    Story,
    order_of,
)
from tests.browser.claims import move
from tests.browser.conftest import visits
from tests.browser.keyboard import Keys
from tests.browser.scenes import GO
from tests.browser.test_claims import decide
from tests.browser.test_stories import SEEN_MS, confirm, headline, press
from tests.browser.visitor import PHONE, ROOT, Visitor
from tests.e2e.case import Case
from tests.e2e.waiting import stated, utc_now
from tests.e2e.world import World

# Mails that the moved clock may send or leave out, as a slow machine does.
_BY_THE_DAY = re.compile("MAY_ESCALATE|REMINDER_|EVIDENCE_ADDED")


@cache
def _arabic() -> dict[str, str]:
    with (ROOT / "web" / "locale" / "ar" / "LC_MESSAGES" / "pages.po").open("rb") as file:
        return {
            str(one.id): str(one.string) for one in read_po(file, locale="ar") if isinstance(one.string, str)
        }


def arabic(text: str) -> re.Pattern[str]:
    """What a text of the pages is in Arabic, whatever stands in its places."""
    parts = re.split(r"%\(\w+\)s", _arabic()[text])
    return re.compile(f"^{'.*'.join(re.escape(part) for part in parts)}$")


@dataclass
class Three:
    """Whoever plays the stories, each signed in once."""

    world: World
    buyer: Keys
    seller: Page
    team: Page

    def order(self, story: Story) -> Case:
        """The shop has sent something a while ago."""
        case = Case(self.world)
        body = order_of(self.world.stack, story.item)
        sent = stated(utc_now() - timedelta(seconds=6 * self.world.day))
        body["placed_at"] = sent
        body["shipments"][0]["shipped_at"] = sent
        assert self.world.client.put(BACKEND, f"/v1/orders/{case.order_id}", body).status == 201
        return case

    def button(self, name: str, place: Locator | None = None) -> Locator:
        """The buyer's."""
        within = self.buyer.page.locator("main") if place is None else place
        return within.get_by_role("button", name=arabic(name)).first

    def opens(self, story: Story, reason: str, sub_reason: str, text: str) -> Case:
        """The buyer opens a dispute about an order and is on its page then."""
        case, page = self.order(story), self.buyer.page
        go(page, f"/orders/{case.order_id}/open")
        self.buyer.choose(page.get_by_label(arabic(reason)))
        self.buyer.select(page.get_by_label(arabic("More exactly")), sub_reason)
        self.buyer.press(self.button("Ask for all of it"))
        self.buyer.write(page.get_by_label(arabic("What happened?")), text)
        self.buyer.tick(page.get_by_label(arabic("I have written to the seller already.")))
        self.buyer.press(self.button("Open a case"))
        page.wait_for_url(re.compile("/disputes/"))
        expect(page.locator("#now")).to_be_visible()
        # The page has changed: the focus is at its beginning, and nothing is wider than the screen.
        expect(page.locator("#main")).to_be_focused()
        assert self.buyer.visitor.overflow() == 0
        case.dispute_id = page.url.rsplit("/", 1)[1]
        go(self.seller, f"/disputes/{case.dispute_id}")
        expect(self.seller.locator("#now")).to_be_visible()
        return case

    def does(self, name: str) -> None:
        """The buyer presses a button and confirms in the dialog what it says."""
        look(self.buyer.page)
        dialog, opener = self.buyer.open(self.button(name))
        self.buyer.confirm(self.button(name, dialog), opener)

    def states(self, text: str) -> None:
        """The buyer gives evidence in words."""
        dialog, opener = self.buyer.open(self.button("Add evidence"))
        self.buyer.select(dialog.get_by_label(arabic("What is it?")), "STATEMENT")
        self.buyer.write(dialog.get_by_label(arabic("What does it show?")), text)
        self.buyer.confirm(self.button("Add evidence", dialog), opener)
        expect(self.buyer.page.get_by_text(text)).to_be_visible()

    def offers(self, minor: int, note: str, kind: str = "A refund, the buyer keeps the goods") -> None:
        """The seller does."""
        press(self.seller, "Make an offer")
        dialog = self.seller.get_by_role("dialog")
        dialog.get_by_label(kind).check()
        dialog.get_by_label(re.compile("Amount in")).fill(f"{minor / 100:.2f}")
        dialog.get_by_label("A note (optional)").fill(note)
        confirm(self.seller, "Make an offer")


def go(page: Page, path: str) -> None:
    """By a link of the shop or of a mail, without signing in anew."""
    page.evaluate(GO, path)


def look(page: Page) -> None:
    """Come back to the page, which then looks at once."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")


@pytest.fixture(scope="module")
def three(world: World, browser: Browser) -> Iterator[Three]:
    with visits(browser, world) as come:
        buyer: Visitor = come("buyer", locale="ar", viewport={"width": PHONE, "height": 640})
        keys = Keys(buyer)
        keys.visit("/")
        seller, team = come("seller"), come("case_manager")
        for one in (buyer, seller, team):
            # The clock may change a case at the very moment.
            one.expected.append("412")
        yield Three(world, keys, seller.visit("/"), team.visit("/desk"))


def ends(case: Case, expected: Expected) -> None:
    """As by the API: the status, the outcome, the money, and who got which mail how often."""
    document = case.look()
    outcome = document["outcome"]
    assert (document["status"], outcome["code"]) == (expected.status, expected.outcome)
    assert outcome["refund"]["amount_minor"] == expected.refund_minor
    got = Counter((row["sk"].rsplit("#", 1)[1], row["mail"]) for row in case.outbox())
    for who, mail in set(got) | set(expected.mails):
        if not _BY_THE_DAY.search(mail):
            assert (who, mail, got[who, mail]) == (who, mail, expected.mails.get((who, mail), 0))


def test_a_counter_offer_settles_it(three: Three) -> None:
    case = three.opens(SETTLES, "The order is not as described", "DAMAGED", "The shade is cracked.")
    three.offers(FIRST_OFFER, "Would this help?")
    look(three.buyer.page)
    three.does("Decline the offer")
    look(three.seller)
    headline(three.seller, "The buyer asks for")
    three.offers(SECOND_OFFER, "We can go this far.")
    look(three.buyer.page)
    three.does("Accept the offer")

    look(three.seller)
    headline(three.seller, "You both agreed: the buyer gets a part of the amount.")
    ends(case, SETTLES.expected)


def test_the_clock_escalates_it_and_the_team_decides_in_part(three: Three) -> None:
    case = three.opens(CLOCK, "The order has not arrived", "IN_TRANSIT", "It never came.")
    three.states("I asked at the counter twice; there is no parcel for me.")
    move(case, {"to": case.look()["negotiation_due_at"]})
    case.await_parked("CLAIM_EVIDENCE")

    seller = three.seller
    look(seller)
    headline(seller, "It is your turn to give evidence")
    press(seller, "Add evidence")
    dialog = seller.get_by_role("dialog")
    dialog.get_by_label("What is it?").select_option("STATEMENT")
    dialog.get_by_label("What does it show?").fill("The parcel was scanned in your town on its fifth day.")
    confirm(seller, "Add evidence")
    press(seller, "I have nothing more to add")
    confirm(seller, "I have nothing more to add")
    look(three.buyer.page)
    three.does("I have nothing more to add")
    # R43: what was given last can be answered for a day.
    if case.look()["status"] == "CLAIM_EVIDENCE":
        move(case, {"to": case.look()["evidence_due_at"]})
    case.await_parked("UNDER_REVIEW")
    the_team_decides(three, case)

    look(seller)
    headline(seller, "The team decided: the buyer gets a part of the amount.")
    look(three.buyer.page)
    expect(three.buyer.page.locator("#now")).to_have_text(
        arabic("The team decided: the buyer gets a part of the amount.")
    )
    # The decision is final: nothing can be done any more.
    assert three.buyer.page.get_by_role("heading", name=arabic("What you can do")).count() == 0
    ends(case, CLOCK.expected)


def the_team_decides(three: Three, case: Case) -> None:
    """The claim is found in the queue by its order, taken, and decided on the evidence of both."""
    page = three.team
    go(page, "/desk")
    page.get_by_label("Its id").fill(case.order_id)
    press(page, "Search")
    page.locator(f"a[href='/desk/{case.dispute_id}']").click()
    press(page, "Take this claim")
    headline(page, "It is your turn to decide.")
    for cited in page.get_by_label("The decision relies on this").all():
        cited.check()
    page.get_by_label("The evidence of the seller was not sufficient.").check()
    why = "The scan shows the town but no handover; both sides carry a part of the loss."
    dialog = decide(page, f"{DECIDED / 100:.2f}", why, "The order was delivered late.")
    dialog.get_by_label("I have read both, and I decide so.").check()
    confirm(page, "Decide for good")
    headline(page, "The team decided: the buyer gets a part of the amount.")
    outcome = case.look()["outcome"]
    assert (outcome["rationale"], len(outcome["evidence_ids"])) == (why, 2)


def test_a_claim_without_any_evidence_is_cancelled_by_the_clock(three: Three) -> None:
    case = three.opens(SILENT, "The order has not arrived", "NO_TRACKING", "No trace of it.")
    buyer = three.buyer
    expect(buyer.page.locator(".later").first).to_have_text(arabic("%(action)s: possible from %(at)s"))
    move(case, {"to": case.look()["escalation_available_at"]})
    look(buyer.page)
    dialog, opener = buyer.open(three.button("Ask the team to decide"))
    buyer.choose(dialog.get_by_label(arabic("The seller does not answer.")))
    buyer.tick(dialog.get_by_label(arabic("We could not agree.")))
    buyer.confirm(three.button("Ask the team to decide", dialog), opener)
    case.await_parked("CLAIM_EVIDENCE")
    move(case, {"to": case.look()["evidence_due_at"]})
    case.await_status("CANCELLED")

    look(three.seller)
    expect(three.seller.get_by_text("Closed on").first).to_be_visible(timeout=SEEN_MS)
    ends(case, SILENT.expected)


def test_the_goods_go_back_for_all_of_the_money(three: Three) -> None:
    case = three.opens(RETURNS, "The order is not as described", "DAMAGED", "The shade has a crack.")
    a_photo_is_given(three)
    three.offers(PAID, "Send it back, and you have all of it.", "A refund once the goods are back")
    look(three.buyer.page)
    three.does("Accept the offer")

    seller = three.seller
    look(seller)
    press(seller, "Confirm the return address")
    dialog = seller.get_by_role("dialog")
    dialog.get_by_label(re.compile("Name, street")).fill("Harbour Lamps, Returns\n9 Quay Road")
    dialog.get_by_label("Postal code").fill("200001")
    dialog.get_by_label(re.compile("Country")).fill("cn")
    confirm(seller, "Confirm the return address")
    buyer = three.buyer
    look(buyer.page)
    expect(buyer.page.locator("address")).to_contain_text("9 Quay Road")
    dialog, opener = buyer.open(three.button("Register the return parcel"))
    buyer.write(dialog.get_by_label(arabic("Carrier")), "Coastline Post")
    buyer.write(dialog.get_by_label(arabic("Tracking number")), "CP000000002")
    buyer.confirm(three.button("Register the return parcel", dialog), opener)
    look(seller)
    press(seller, "Say how the goods came back")
    seller.get_by_role("dialog").get_by_label("The goods came back as they should.").check()
    confirm(seller, "Say how the goods came back")

    headline(seller, "You both agreed: the goods go back")
    ends(case, RETURNS.expected)


def a_photo_is_given(three: Three) -> None:
    """Chosen and sent by the keys; it counts once it has been checked."""
    buyer = three.buyer
    dialog, opener = buyer.open(three.button("Add evidence"))
    buyer.select(dialog.get_by_label(arabic("What is it?")), "PHOTO")
    buyer.write(dialog.get_by_label(arabic("What does it show?")), "The crack, by daylight.")
    with buyer.page.expect_file_chooser() as chosen:
        buyer.press(dialog.locator("input[type=file]").first)
    chosen.value.set_files({"name": NAME, "mimeType": "image/png", "buffer": png()})
    buyer.press(three.button("Add evidence", dialog))
    expect(three.button("Done", dialog)).to_be_visible()
    buyer.confirm(three.button("Done", dialog), opener)
    expect(three.button("Show")).to_be_visible(timeout=60_000)
