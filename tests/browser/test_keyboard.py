"""Each flow by the keys alone. What a dispute is opened and escalated with, test_demo.py plays in Arabic on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import Locator, expect

from tests.browser.claims import reviewed
from tests.browser.keyboard import Keys
from tests.browser.test_stories import headline
from tests.browser.visitor import Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]


def button(place: Keys | Locator, name: str | re.Pattern[str]) -> Locator:
    """The first button of that name, on a page or in a dialog."""
    within = place.page if isinstance(place, Keys) else place
    return within.get_by_role("button", name=name, exact=True).first


def test_negotiating_and_cancelling_by_the_keys_alone(world: World, visitor: Come) -> None:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    seller = Keys(visitor("seller"))
    seller.visit(f"/disputes/{case.dispute_id}")
    dialog, opener = seller.open(button(seller, "Make an offer"))
    seller.write(dialog.get_by_label(re.compile("Amount in")), "99999")
    seller.press(button(dialog, "Make an offer"))
    # An error takes the focus, and the way back to the field is short.
    expect(dialog.get_by_role("alert")).to_be_focused()
    seller.write(dialog.get_by_label(re.compile("Amount in")), "12.50")
    seller.write(dialog.get_by_label("A note (optional)"), "For the crack")
    seller.confirm(button(dialog, "Make an offer"), opener)
    headline(seller.page, "You offered a refund of")

    buyer = Keys(visitor("buyer"))
    buyer.visit(f"/disputes/{case.dispute_id}")
    headline(buyer.page, "The seller offers")
    _, opener = buyer.open(button(buyer, "Decline the offer"))
    buyer.leave(opener)
    dialog, opener = buyer.open(button(buyer, "Decline the offer"))
    # The button is gone with the offer.
    buyer.confirm(button(dialog, "Decline the offer"), opener)
    expect(buyer.page.locator("#now")).to_be_focused()
    send = button(buyer, "Send the message")
    buyer.write(buyer.page.get_by_label("Your message"), "That is not enough.")
    buyer.press(send)
    expect(buyer.page.locator(".thread")).to_contain_text("That is not enough.")
    expect(send).to_be_focused()
    expect(buyer.page.get_by_label("Your message")).to_have_value("")
    evidence_is_added_and_withdrawn(buyer)

    dialog, opener = buyer.open(button(buyer, "Cancel this case"))
    buyer.press(button(dialog, "Cancel this case for good"))
    # Without the confirmation nothing is sent, and the focus is where it is given.
    sure = dialog.get_by_label("I know that I get no refund from this case.")
    expect(sure).to_be_focused()
    buyer.tick(sure)
    buyer.confirm(button(dialog, "Cancel this case for good"), opener)
    headline(buyer.page, "The buyer cancelled the case")
    expect(buyer.page.locator("#now")).to_be_focused()
    buyer.press(button(buyer, "Sign out"))
    buyer.press(button(buyer, "Sign in"))
    buyer.sign_in()


def evidence_is_added_and_withdrawn(buyer: Keys) -> None:
    dialog, opener = buyer.open(button(buyer, "Add evidence"))
    buyer.press(button(dialog, "Add evidence"))
    expect(dialog.get_by_role("alert")).to_be_focused()
    buyer.select(dialog.get_by_label("What is it?"), "STATEMENT")
    buyer.write(dialog.get_by_label("What does it show?"), "The crack is new.")
    buyer.confirm(button(dialog, "Add evidence"), opener)
    expect(buyer.page.get_by_text("The crack is new.")).to_be_visible()
    dialog, opener = buyer.open(button(buyer, "Withdraw evidence"))
    buyer.confirm(button(dialog, "Withdraw evidence"), opener)
    expect(buyer.page.get_by_text("The crack is new.")).to_be_hidden()
    expect(buyer.page.locator("#now")).to_be_focused()


def test_the_team_works_on_a_claim_by_the_keys_alone(world: World, visitor: Come) -> None:
    case = reviewed(world, photos=True)
    member = Keys(visitor("case_manager"))
    page = member.visit("/desk")
    member.press(button(member, re.compile("^Nobody's")))
    expect(button(member, re.compile("^Nobody's"))).to_have_attribute("aria-pressed", "true")
    member.write(page.get_by_label("Its id"), case.order_id)
    page.keyboard.press("Enter")
    member.press(page.locator(f"a[href='/desk/{case.dispute_id}']"))
    headline(page, "A decision is needed.")
    # After a change of the page the focus is at its beginning.
    expect(page.locator("#main")).to_be_focused()
    member.press(button(member, "Take this claim"))
    headline(page, "It is your turn to decide.")
    expect(page.locator("#now")).to_be_focused()

    member.write(page.get_by_label("A note", exact=True), "The carrier calls back.")
    member.press(button(member, "Keep the note"))
    expect(page.locator(".internal .said")).to_have_text("The carrier calls back.")
    expect(button(member, "Keep the note")).to_be_focused()
    the_viewer_is_opened_and_closed(member)
    evidence_is_asked_for(member)
    headline(page, "Evidence is awaited.")

    dialog, opener = member.open(button(member, "Assign"))
    second = world.stack.people["second_case_manager"].sub
    choice = dialog.get_by_label("Who shall have it?")
    expect(choice).not_to_contain_text("Loading")
    member.select(choice, second)
    member.confirm(button(dialog, "Assign"), opener)
    expect(page.get_by_text("Somebody else works on this claim")).to_be_visible()
    assert case.look("case_manager")["assigned_to"] == second


def the_viewer_is_opened_and_closed(member: Keys) -> None:
    """Its letters do the same with Caps Lock, and leave a choice's own keys alone."""
    dialog, opener = member.open(member.page.locator(".thumb").first)
    expect(dialog.locator(".stage")).to_be_focused()
    member.page.keyboard.press("Shift+S")
    expect(dialog.get_by_role("region", name="Second file")).to_be_visible()
    member.to(dialog.get_by_role("combobox", name="First file"))
    member.page.keyboard.press("Shift+S")
    expect(dialog.get_by_role("region", name="Second file")).to_be_visible()
    member.leave(opener)


def evidence_is_asked_for(member: Keys) -> None:
    dialog, opener = member.open(button(member, "Ask for evidence"))
    member.choose(dialog.get_by_label("Seller"))
    member.press(dialog.get_by_label("Photo", exact=True), "Space")
    member.write(dialog.get_by_label("Your question"), "Who signed for it?")
    until = dialog.get_by_label("Answer until")
    member.date(until, datetime.fromisoformat(until.get_attribute("min") or "") + timedelta(minutes=5))
    member.confirm(button(dialog, "Ask for evidence"), opener)


def test_the_next_claim_is_taken_by_the_keys_and_leads_to_its_page(world: World, visitor: Come) -> None:
    reviewed(world)
    member = Keys(visitor("second_case_manager"))
    page = member.visit("/desk")
    member.press(button(member, "Take the next claim"))

    expect(page.get_by_text("You have this claim.")).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
