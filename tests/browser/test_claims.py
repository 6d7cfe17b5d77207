"""What the team does with a claim, through its pages only: takes it, asks, proposes, decides, confirms."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.claims import CONFIRMED_CURRENCY, escalated, move, reviewed
from tests.browser.keyboard import Keys
from tests.browser.test_stories import SEEN_MS, confirm, headline, press, words
from tests.browser.visitor import Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]
WHY = "The lamp never came, and nothing proves that it did."


def decide(page: Page, amount: str, why: str = WHY, reason: str = "The order was not delivered.") -> Locator:
    """Fill in a decision and look at what both sides would read; the dialog."""
    page.get_by_label("The buyer gets a part").check()
    page.get_by_label(re.compile("Amount in")).fill(amount)
    page.get_by_label(reason).check()
    page.get_by_label("The reasons in your words").fill(why)
    press(page, "See what both sides will read")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_a_claim_is_taken_evidence_asked_for_and_decided(world: World, visitor: Come) -> None:
    case = reviewed(world)
    team, seller = visitor("case_manager"), visitor("seller")
    page = team.visit(f"/desk/{case.dispute_id}")
    headline(page, "A decision is needed.")
    expect(page.get_by_role("button", name="Ask for evidence")).to_have_count(0)
    press(page, "Take this claim")
    headline(page, "It is your turn to decide.")

    press(page, "Ask for evidence")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Seller").check()
    dialog.get_by_label("Proof of delivery", exact=True).check()
    dialog.get_by_label("Your question").fill("Who signed for the parcel?")
    until = dialog.get_by_label("Answer until")
    until.fill(until.get_attribute("min") or "")
    confirm(page, "Ask for evidence")
    headline(page, "Evidence is awaited.")

    theirs = seller.visit(f"/disputes/{case.dispute_id}")
    press(theirs, "Add evidence")
    dialog = theirs.get_by_role("dialog")
    dialog.get_by_label("What is it?").select_option("STATEMENT")
    dialog.get_by_label("What does it show?").fill("Nobody signed.")
    confirm(theirs, "Add evidence")
    # What others did meanwhile is said to whoever has the page open.
    expect(page.get_by_role("status").get_by_text("The seller gave evidence.")).to_be_visible(timeout=SEEN_MS)
    expect(page.get_by_text("Nobody signed.")).to_be_visible()
    move(case, {"to": case.look()["evidence_due_at"]})
    headline(page, "It is your turn to decide.")

    page.locator(".item", has_text="Nobody signed.").get_by_label("The decision relies on this").check()
    dialog = decide(page, "20,00")
    expect(dialog.get_by_text(words("The buyer gets $20.00 back and keeps the goods."))).to_be_visible()
    for name in ("The buyer reads", "The seller reads"):
        expect(dialog.get_by_role("region", name=name)).to_contain_text(WHY)
    # Nothing has happened yet, and without the confirmation nothing does.
    dialog.get_by_role("button", name="Decide for good").click()
    assert case.look()["status"] == "UNDER_REVIEW"
    dialog.get_by_label("I have read both, and I decide so.").check()
    confirm(page, "Decide for good")

    headline(page, "The team decided: the buyer gets a part of the amount.")
    outcome = case.look()["outcome"]
    assert (outcome["refund"]["amount_minor"], outcome["rationale"]) == (2_000, WHY)
    assert len(outcome["evidence_ids"]) == 1
    headline(theirs, "The team decided: the buyer gets a part of the amount.")
    expect(theirs.get_by_text(WHY)).to_be_visible()


def test_dates_are_set_notes_kept_and_settlements_proposed(world: World, visitor: Come) -> None:
    case = escalated(world)
    case.take_claim()
    page = visitor("case_manager").visit(f"/desk/{case.dispute_id}")
    before = case.look()["evidence_due_at"]
    press(page, "Set the date for evidence")
    until = page.get_by_role("dialog").get_by_label("Evidence until")
    until.fill(until.get_attribute("max") or "")
    confirm(page, "Set the date for evidence")
    assert case.look()["evidence_due_at"] > before

    page.get_by_label("A note", exact=True).fill("The carrier calls back tomorrow.")
    press(page, "Keep the note")
    expect(page.locator(".internal .said")).to_have_text("The carrier calls back tomorrow.")

    press(page, "Propose a settlement")
    page.get_by_role("dialog").get_by_label("A refund, the buyer keeps the goods").check()
    page.get_by_role("dialog").get_by_label(re.compile("Amount in")).fill("15")
    confirm(page, "Propose a settlement")
    expect(page.locator(".offer", has_text="$15.00")).to_be_visible()
    expect(page.get_by_text("You have accepted it")).to_have_count(0)

    press(page, "Show the buyer's")
    expect(
        page.locator("section", has=page.get_by_role("heading", name="Earlier cases")).get_by_role(
            "heading", name="The buyer's"
        )
    ).to_be_visible()
    press(page, "Give the claim back")
    confirm(page, "Give the claim back")
    expect(page.get_by_text("Nobody has this claim.")).to_be_visible()
    assert case.look("case_manager")["assigned_to"] is None


def test_a_template_is_added_to_what_is_typed(world: World, visitor: Come) -> None:
    template = {"name": "Not proved", "texts": {"en": "Nothing proves the delivery of the parcel."}}
    assert world.client.put("case_manager", "/v1/mediation/templates/not-proved", template).status in (
        200,
        201,
    )
    case = reviewed(world)
    case.take_claim()
    page = visitor("case_manager").visit(f"/desk/{case.dispute_id}")
    page.get_by_label("The reasons in your words").fill("The buyer is right.")
    press(page, "Use a template")
    page.get_by_label("Template").select_option("Not proved (en)")

    expect(page.get_by_label("The reasons in your words")).to_have_value(
        "The buyer is right.\n\nNothing proves the delivery of the parcel."
    )


def test_a_large_amount_waits_for_a_second_member_who_can_refuse_and_confirm(
    world: World, visitor: Come
) -> None:
    """R47."""
    case = reviewed(world, currency=CONFIRMED_CURRENCY)
    case.take_claim()
    page = visitor("case_manager").visit(f"/desk/{case.dispute_id}")
    other = visitor("second_case_manager").visit(f"/desk/{case.dispute_id}")
    expect(other.get_by_text("Somebody else works on this claim")).to_be_visible()
    for step in ("Refuse the decision", "Confirm the decision"):
        page.bring_to_front()
        dialog = decide(page, "20")
        expect(dialog.get_by_text("a second member of the team has to confirm it before")).to_be_visible()
        dialog.get_by_label("I have read both, and I decide so.").check()
        confirm(page, "Decide and ask for the confirmation")
        headline(page, "A decision waits for a second member of the team.")
        # Who made it cannot confirm it.
        expect(page.get_by_role("button", name="Withdraw the decision")).to_be_visible()
        expect(page.get_by_role("button", name="Confirm the decision")).to_have_count(0)

        other.bring_to_front()
        expect(other.get_by_role("button", name=step)).to_be_visible(timeout=SEEN_MS)
        expect(other.get_by_text(WHY)).to_be_visible()
        press(other, step)
        confirm(other, step)
        if step == "Refuse the decision":
            headline(page, "It is your turn to decide.")
            assert case.look()["status"] == "UNDER_REVIEW"

    headline(other, "The team decided: the buyer gets a part of the amount.")
    assert case.look()["outcome"]["refund"] == {"amount_minor": 2_000, "currency": CONFIRMED_CURRENCY}


def test_a_claim_that_changed_meanwhile_is_not_decided_and_nothing_typed_is_lost(
    world: World, visitor: Come
) -> None:
    case = reviewed(world)
    case.take_claim()
    team = visitor("case_manager")
    page = team.visit(f"/desk/{case.dispute_id}")
    dialog = decide(page, "20")
    # What both read was true of the case as it was before.
    case.act("case_manager", "claim/proposal", {"type": "NO_REFUND"})
    dialog.get_by_label("I have read both, and I decide so.").check()
    dialog.get_by_role("button", name="Decide for good").click()

    expect(page.get_by_role("alert")).to_contain_text("The case has changed in the meantime.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert case.look()["status"] == "UNDER_REVIEW"
    expect(page.get_by_label("The reasons in your words")).to_have_value(WHY)
    # Somebody else takes the claim: the draft stays, in the page and over a reload.
    second = world.stack.people["second_case_manager"].sub
    case.act("case_manager", "claim/assign", {"assignee": second})
    expect(page.get_by_text("Somebody else works on this claim")).to_be_visible(timeout=SEEN_MS)
    expect(page.get_by_role("heading", name="Your draft of a decision")).to_be_visible()
    expect(page.get_by_text(WHY)).to_be_visible()
    case.act("case_manager", "claim/assign", {"assignee": world.stack.people["case_manager"].sub})
    expect(page.get_by_label("The reasons in your words")).to_have_value(WHY, timeout=SEEN_MS)
    team.expected.append("412")


def test_a_claim_is_decided_by_the_keyboard_alone(world: World, visitor: Come) -> None:
    case = reviewed(world)
    member = Keys(visitor("case_manager"))
    page = member.visit(f"/desk/{case.dispute_id}")
    member.press(page.get_by_role("button", name="Take this claim"))
    headline(page, "It is your turn to decide.")

    member.tick(page.get_by_label("The decision relies on this").first)
    member.choose(page.get_by_label(re.compile("The buyer gets everything")))
    member.tick(page.get_by_label("The order was not delivered."))
    # Keys that mean something elsewhere are letters here.
    member.write(page.get_by_label("The reasons in your words"), "Surely for the reader: fair.")
    dialog, _ = member.open(page.get_by_role("button", name="See what both sides will read"))
    member.tick(dialog.get_by_label("I have read both, and I decide so."))
    member.press(dialog.get_by_role("button", name="Decide for good"))

    headline(page, "The team decided: the buyer gets what was asked for.")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert case.look()["outcome"]["rationale"] == "Surely for the reader: fair."


def test_who_is_no_member_of_the_team_gets_nothing_from_its_pages(world: World, visitor: Come) -> None:
    case: Case = reviewed(world)
    operator = visitor("operator")
    page = operator.visit(f"/desk/{case.dispute_id}")

    expect(page.get_by_role("alert")).to_be_visible()
    assert page.get_by_text("Desk lamp").count() == 0
    operator.expected += ["403", "404"]
