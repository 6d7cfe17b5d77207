"""Stories through the pages only, by buyer and seller. Those of the demo are in test_demo.py."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.claims import move
from tests.browser.visitor import Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]
# A case is looked at again after fifteen seconds at most.
SEEN_MS = 40_000


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def confirm(page: Page, name: str) -> None:
    """The second press, in the dialog that says what it means."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_be_hidden()


def confirm_once_it_is_shown_anew(page: Page, name: str) -> None:
    """The clock may change a case at the very moment: whoever reads that presses once more."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=name, exact=True).click()
    changed = dialog.get_by_text("The case has changed in the meantime.")
    expect(changed.or_(page.locator("body:not(:has(dialog))"))).to_be_visible()
    if changed.is_visible():
        confirm(page, name)


def words(text: str) -> re.Pattern[str]:
    """The text as a page may have it: amounts in it are isolated by marks that nobody sees."""
    marks = "[\u2068\u2069]*"
    return re.compile(marks + marks.join(re.escape(char) for char in text))


def headline(page: Page, text: str, timeout: float = SEEN_MS) -> None:
    """Wait for the sentence at the head of the page."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(words(text), timeout=timeout)


def opened_by(buyer: Visitor, case: Case, reason: str) -> Page:
    """The buyer opens a dispute on the page of the order."""
    page = buyer.visit(f"/orders/{case.order_id}/open")
    page.get_by_label(reason).check()
    press(page, "Ask for all of it")
    page.get_by_label("What happened?").fill("It is not what I ordered.")
    press(page, "Open a case")
    headline(page, "You asked for a refund of")
    case.dispute_id = page.url.rsplit("/", 1)[1]
    return page


def test_a_claim_with_evidence_of_both_sides_until_the_teams_proposal(world: World, visitor: Come) -> None:
    case = Case(world)
    case.ship()
    buyer, seller = visitor("buyer"), visitor("seller")
    mine = opened_by(buyer, case, "The order has not arrived")
    theirs = seller.visit(f"/disputes/{case.dispute_id}")
    press(theirs, "Decline the offer")
    confirm(theirs, "Decline the offer")
    headline(mine, "No offer stands at the moment")

    # R16: three days of the policy, of which the page sees the last half pass.
    expect(mine.get_by_text(words("Ask the team to decide: possible from"))).to_be_visible()
    move(case, {"advance": "P2DT12H"})
    assert mine.get_by_role("button", name="Ask the team to decide").count() == 0
    expect(mine.get_by_role("button", name="Ask the team to decide").first).to_be_visible(
        timeout=1_000 * world.stack.day_seconds + SEEN_MS
    )
    press(mine, "Ask the team to decide")
    dialog = mine.get_by_role("dialog")
    dialog.get_by_label("The seller refuses a refund.").check()
    dialog.get_by_label("We could not agree.").check()
    for one in (buyer, seller):
        one.expected.append("412")
    confirm_once_it_is_shown_anew(mine, "Ask the team to decide")
    headline(mine, "It is your turn to give evidence")

    for page, text in ((mine, "Nobody rang."), (theirs, "The carrier has the signature.")):
        page.bring_to_front()
        expect(page.get_by_role("button", name="Add evidence", exact=True).first).to_be_visible(
            timeout=SEEN_MS
        )
        press(page, "Add evidence")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What is it?").select_option("STATEMENT")
        dialog.get_by_label("What does it show?").fill(text)
        confirm(page, "Add evidence")
        expect(page.get_by_text(text)).to_be_visible()
        press(page, "I have nothing more to add")
        # The claim begins in two steps, of which the second is the clock's.
        confirm_once_it_is_shown_anew(page, "I have nothing more to add")

    # R43: what the seller gave last can be answered for a day of the policy.
    answered_ms = 1_000 * world.stack.day_seconds + SEEN_MS
    headline(theirs, "The Case Management Team looks at everything and decides", answered_ms)
    headline(mine, "The Case Management Team looks at everything and decides")
    expect(mine.get_by_text("The carrier has the signature.")).to_be_visible()
    the_team_proposes_and_both_accept(case, mine, theirs)


def the_team_proposes_and_both_accept(case: Case, mine: Page, theirs: Page) -> None:
    """The first yes holds nobody but is seen by who said it; with the second the case is settled (R14, R45)."""
    offer = {"type": "REFUND", "refund": {"amount_minor": 1_500, "currency": "USD"}, "note": "Half and half."}
    case.take_claim()
    case.act("case_manager", "claim/proposal", offer)
    proposed = words("The team proposes a refund of $15.00.")
    accepted = "You have accepted it. It holds as soon as the other side accepts it too."
    for page in (mine, theirs):
        page.bring_to_front()
        expect(page.get_by_text(proposed)).to_be_visible(timeout=SEEN_MS)
        assert page.get_by_text(accepted).count() == 0
        press(page, "Accept the offer")
        expect(page.get_by_role("dialog").get_by_text("until then nobody sees your answer")).to_be_visible()
        confirm(page, "Accept the offer")
        if page is mine:
            expect(mine.get_by_text(accepted)).to_be_visible()
    headline(theirs, "You both agreed: the buyer gets a part of the amount.")
    headline(mine, "You both agreed: the buyer gets a part of the amount.")


def test_cancelling_asks_twice_and_comes_last(world: World, visitor: Come) -> None:
    case = Case.opened(world)
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    headline(page, "turn")
    buttons = page.locator("section", has=page.get_by_role("heading", name="What you can do")).get_by_role(
        "button"
    )
    assert buttons.all_inner_texts()[-1] == "Cancel this case"
    press(page, "Cancel this case")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel this case for good").click()
    # Without the confirmation nothing is sent.
    assert case.look()["status"] == "NEGOTIATION"
    dialog.get_by_label("I know that I get no refund from this case.").check()
    confirm(page, "Cancel this case for good")

    headline(page, "The buyer cancelled the case")
    expect(page.get_by_text("Closed on")).to_be_visible()


def test_a_case_that_changed_meanwhile_is_shown_anew_and_nothing_typed_is_lost(
    world: World, visitor: Come
) -> None:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    seller = visitor("seller")
    page = seller.visit(f"/disputes/{case.dispute_id}")
    press(page, "Make an offer")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("Amount in")).fill("12.50")
    dialog.get_by_label("A note (optional)").fill("For the scratch")
    page.keyboard.press("Escape")
    world.client.post("buyer", f"{case.path}/cancel", {"acknowledge_consequences": True})
    press(page, "Accept the offer")
    page.get_by_role("dialog").get_by_role("button", name="Accept the offer").click()

    expect(page.get_by_role("alert")).to_be_visible()
    headline(page, "The buyer cancelled the case")
    assert "For the scratch" in seller.stored()
    seller.expected += ["409", "412"]


def test_my_cases_say_whose_turn_it_is(world: World, visitor: Come) -> None:
    case = Case.opened(world)
    buyer, seller = visitor("buyer"), visitor("seller")
    mine, theirs = buyer.visit("/"), seller.visit("/")
    link = f"a[href='/disputes/{case.dispute_id}']"

    expect(mine.get_by_role("region", name="Waiting").locator(link)).to_contain_text(
        "It is the seller's turn"
    )
    expect(theirs.get_by_role("region", name="Your turn").locator(link)).to_contain_text("It is your turn")
    expect(theirs.get_by_text("Sum at stake as a seller").first).to_be_visible()
    theirs.locator(link).click()
    headline(theirs, "The buyer asks for")
    expect(theirs).to_have_title("Case · Desk lamp · Negotiation · Buyer Protection")
    expect(theirs.locator("main")).to_be_focused()
