"""Anybody does anything at any time, to the reference model and to the product: both must say the same (Q6)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.model.machine import CARRIED, SideBySide
from tests.model.reference import BUYER, DAY, MANAGER, SELLER

CHOICES: tuple[dict[str, int], ...] = ({}, {}, {"mug": 1}, {"mug": 2, "spoon": 1}, {"pin": 1})

DETAILS = {"NOT_RECEIVED": ("NO_TRACKING", "IN_TRANSIT"), "NOT_AS_DESCRIBED": ("DAMAGED", "DIFFERENT")}

roles = st.sampled_from((BUYER, SELLER, MANAGER))
parties = st.sampled_from((BUYER, SELLER))
buyers = st.sampled_from((BUYER, BUYER, BUYER, SELLER, MANAGER))
sellers = st.sampled_from((SELLER, SELLER, SELLER, BUYER, MANAGER))
managers = st.sampled_from((MANAGER, MANAGER, MANAGER, BUYER, SELLER))
mostly = st.sampled_from((True, True, True, True, False))
reasons = st.sampled_from(("NOT_RECEIVED", "NOT_AS_DESCRIBED"))
# Where an amount lies: a word for a boundary, resolved against the case when it is used.
amounts = st.sampled_from(("none", "zero", "one", "half", "all but one", "all", "too much", "negative"))
fair_amounts = st.sampled_from(("one", "half", "all but one", "all", "all"))
# How far a case has gone already when the walk begins.
ways = st.just([]) | st.lists(st.booleans(), max_size=6)
promises = st.sampled_from((5, 6, 40, 40, 60, 60))
# Where an instant lies beside one that matters.
beside = st.sampled_from((-1, -1, 0, 0, 0, 1))
dates = st.sampled_from((0, 1, DAY - 1, DAY, DAY, 3 * DAY, 30 * DAY, 30 * DAY + 1))
numbers = st.integers(0, 6)
parcels = st.sampled_from(tuple(CARRIED))
# How late a carrier's word arrives.
lags = st.sampled_from((0, 0, 0, 1, DAY, 6 * DAY))
cites = st.lists(st.integers(0, 4), max_size=2)


def resolved(word: str, whole: int) -> int | None:
    """The amount that the word means, where `whole` is the most there can be."""
    known = {"none": None, "zero": 0, "one": 1, "half": whole // 2, "all but one": whole - 1, "all": whole}
    return known[word] if word in known else whole + 1 if word == "too much" else -1


class Life(SideBySide):
    """Every move of every person, of the carrier, of the payment and of the clock."""

    @initialize(promise=promises, waits=mostly, reason=reasons, word=fair_amounts, far=ways)
    def begins(self, promise: int, waits: bool, reason: str, word: str, far: list[bool]) -> None:
        self.start(promise)
        if waits:
            self.pass_time(self.model.shop.opens_at(self.numbers))
            self.both("open", reason, resolved(word, self.model.shop.paid), "USD", {})
            for onwards in far:
                if self.is_open():
                    self.the_case_moves_on(BUYER, onwards, onwards)

    @precondition(lambda self: not self.is_open())
    @rule(promise=promises, waits=mostly, reason=reasons, word=fair_amounts, far=ways)
    def another_order_begins(
        self, promise: int, waits: bool, reason: str, word: str, far: list[bool]
    ) -> None:
        self.begins(promise, waits, reason, word, far)

    @precondition(lambda self: self.is_open())
    @rule(asked=parties, decided=st.booleans(), at_once=st.booleans())
    def the_case_moves_on(self, asked: str, decided: bool, at_once: bool) -> None:
        """The long way round, so that the far end of a case is met as often as its beginning."""
        status, now = self.model.it.status, self.model.now
        if status == "NEGOTIATION" and self.model.it.reason == "NOT_AS_DESCRIBED" and not at_once:
            self.agrees_on_a_return(asked, "all")
        elif status == "NEGOTIATION":
            self.pass_time(self.model.it.opened_at + self.numbers.escalate_after)
            self.both("escalate", BUYER, True, True)
        elif status == "CLAIM_EVIDENCE":
            self.both("add_evidence", asked, "STATEMENT", "So it was.", False)
            if at_once:
                self.both("complete_evidence", BUYER)
                self.both("complete_evidence", SELLER)
        elif status == "UNDER_REVIEW" and not decided:
            self.both("assign", MANAGER, "manager-1")
            self.both("request_evidence", MANAGER, asked, now + DAY)
        elif status == "UNDER_REVIEW":
            case = self.model.it
            with_return = case.settlement is None and case.reason == "NOT_AS_DESCRIBED"
            self.both("assign", MANAGER, "manager-1")
            self.both("decide", MANAGER, "BUYER_FAVOUR", None, with_return, [])
        elif status == "AWAITING_RETURN":
            self.both("confirm_address", SELLER)
            if at_once:
                self.both("ship_return", BUYER)
        else:
            self.both("add_evidence", SELLER, "STATEMENT", "It is broken.", False)
            self.both("acknowledge", SELLER, decided, [len(self.model.it.exhibits)])

    @rule(which=st.integers(0, 8), offset=beside)
    def time_comes_to_an_instant_that_matters(self, which: int, offset: int) -> None:
        instants = self.instants()
        if instants:
            self.pass_time(instants[min(which, len(instants) - 1)] + offset)

    @rule(by=st.sampled_from((1, 1000, 5 * 60_000, DAY // 2, DAY)))
    def time_passes(self, by: int) -> None:
        self.pass_time(self.model.now + by)

    @precondition(lambda self: self.has_case())
    @rule(offset=beside)
    def the_clock_comes_to_the_deadline(self, offset: int) -> None:
        if self.model.it.deadline is not None:
            self.pass_time(self.model.it.deadline + offset)
        self.both("tick")

    @precondition(lambda self: self.has_case())
    @rule()
    def the_clock_looks(self) -> None:
        self.both("tick")

    def the_clock_comes_first(self) -> None:
        """R22, R42: what is reported after a window's end finds the case as the clock leaves it there."""
        while self.model.window_over():
            self.both("tick")

    @precondition(lambda self: not self.is_open())
    @rule(
        reason=reasons,
        word=amounts,
        currency=st.sampled_from(("USD", "USD", "USD", "EUR")),
        items=st.sampled_from(CHOICES),
    )
    def opens(self, reason: str, word: str, currency: str, items: dict[str, int]) -> None:
        asked = resolved(word, self.model.shop.most(items))
        self.both("open", reason, 0 if asked is None else asked, currency, items)

    @precondition(lambda self: self.is_open())
    @rule()
    def opens_a_second_one(self) -> None:
        self.both("open", "NOT_RECEIVED", 1, "USD", {})

    @rule()
    def confirms_the_receipt(self) -> None:
        self.both("confirm_receipt")

    @rule(name=parcels, ago=lags)
    def a_parcel_is_delivered(self, name: str, ago: int) -> None:
        self.both("hear", name, ago, False)

    @rule(name=parcels, ago=lags)
    def a_delivery_is_taken_back(self, name: str, ago: int) -> None:
        self.both("hear", name, ago, True)

    @precondition(lambda self: self.is_open())
    @rule(ago=lags)
    def every_parcel_is_delivered(self, ago: int) -> None:
        for name in CARRIED:
            self.both("hear", name, ago, False)

    @rule(word=st.sampled_from(("one", "half", "all but one", "all", "too much")))
    def the_shop_gives_money_back_itself(self, word: str) -> None:
        self.both("give_back", max(1, resolved(word, self.model.shop.left) or 0))

    @precondition(lambda self: self.has_case())
    @rule(
        role=roles,
        kind=st.sampled_from(("REFUND", "REFUND_WITH_RETURN", "NO_REFUND", "REFUND")),
        word=amounts,
    )
    def makes_an_offer(self, role: str, kind: str, word: str) -> None:
        self.both("make_offer", role, kind, resolved(word, self.model.it.most))

    @precondition(
        lambda self: self.case_is("NEGOTIATION", "UNDER_REVIEW") and self.model.it.settlement is None
    )
    @rule(maker=parties, word=st.sampled_from(("one", "half", "all")))
    def agrees_on_a_return(self, maker: str, word: str) -> None:
        """While negotiating; in a review the offer is refused, and so is taking up the one before it."""
        self.both("make_offer", maker, "REFUND_WITH_RETURN", resolved(word, self.model.it.most))
        other = SELLER if maker == BUYER else BUYER
        self.both("answer_offer", "accept", other, len(self.model.it.proposals))

    @precondition(lambda self: self.has_case())
    @rule(
        verb=st.sampled_from(("accept", "decline", "decline", "withdraw")),
        role=roles,
        number=numbers,
        newest=mostly,
    )
    def answers_an_offer(self, verb: str, role: str, number: int, newest: bool) -> None:
        self.both("answer_offer", verb, role, len(self.model.it.proposals) if newest else number)

    @precondition(lambda self: self.has_case())
    @rule(role=roles)
    def accepts_the_request(self, role: str) -> None:
        self.both("accept_request", role)

    @precondition(lambda self: self.has_case())
    @rule(role=buyers, confirmed=mostly, explained=mostly)
    def escalates(self, role: str, confirmed: bool, explained: bool) -> None:
        self.both("escalate", role, confirmed, explained)

    @precondition(lambda self: self.has_case())
    @rule(role=buyers, reason=reasons, detail=st.sampled_from((None, None, 0, 1)))
    def changes_the_reason(self, role: str, reason: str, detail: int | None) -> None:
        self.both("change_reason", role, reason, None if detail is None else DETAILS[reason][detail])

    @precondition(lambda self: self.has_case())
    @rule(role=buyers, acknowledged=st.booleans())
    def cancels(self, role: str, acknowledged: bool) -> None:
        self.both("cancel", role, acknowledged)

    @precondition(lambda self: self.has_case())
    @rule(role=roles)
    def writes_a_message(self, role: str) -> None:
        self.both("send_message", role)

    @precondition(lambda self: self.has_case())
    @rule(role=roles, whole=st.booleans())
    def reads_the_thread(self, role: str, whole: bool) -> None:
        self.both("mark_read", role, whole)

    @precondition(lambda self: self.has_case())
    @rule(
        role=st.sampled_from((BUYER, SELLER, BUYER, SELLER, MANAGER)),
        kind=st.sampled_from(("STATEMENT", "STATEMENT", "CHAT_LOG", "PHOTO")),
        text=st.sampled_from(("So it was.", "So it was.", "")),
        with_file=st.booleans(),
    )
    def gives_evidence(self, role: str, kind: str, text: str, with_file: bool) -> None:
        self.both("add_evidence", role, kind, text, with_file)

    @precondition(lambda self: self.has_case() and self.model.it.exhibits)
    @rule(number=numbers, good=mostly)
    def an_upload_is_looked_at(self, number: int, good: bool) -> None:
        self.the_clock_comes_first()
        self.both("inspect", number, good)

    @precondition(lambda self: self.has_case() and self.model.it.exhibits)
    @rule(role=parties, number=numbers, newest=mostly)
    def takes_evidence_back(self, role: str, number: int, newest: bool) -> None:
        self.both("withdraw_evidence", role, len(self.model.it.exhibits) if newest else number)

    @precondition(lambda self: self.has_case())
    @rule(role=roles)
    def has_nothing_to_add(self, role: str) -> None:
        self.both("complete_evidence", role)

    @precondition(lambda self: self.case_is("CLAIM_EVIDENCE"))
    @rule(first=parties)
    def both_have_nothing_to_add(self, first: str) -> None:
        self.both("complete_evidence", first)
        self.both("complete_evidence", SELLER if first == BUYER else BUYER)

    @precondition(lambda self: self.has_case())
    @rule(role=managers, ahead=dates)
    def the_team_sets_a_date(self, role: str, ahead: int) -> None:
        self.both("set_window", role, self.model.now + ahead)

    @precondition(lambda self: self.has_case())
    @rule(role=managers, party=parties, ahead=dates)
    def the_team_asks_for_evidence(self, role: str, party: str, ahead: int) -> None:
        self.both("request_evidence", role, party, self.model.now + ahead)

    @precondition(lambda self: self.has_case())
    @rule(role=managers, assignee=st.sampled_from(("manager-1", "manager-2", "buyer-1", "seller-1")))
    def the_team_assigns(self, role: str, assignee: str) -> None:
        self.both("assign", role, assignee)

    @precondition(lambda self: self.case_is("CLAIM_EVIDENCE", "UNDER_REVIEW"))
    @rule(first=parties)
    def both_take_the_teams_return(self, first: str) -> None:
        self.both("assign", MANAGER, "manager-1")
        self.both("propose", MANAGER, "REFUND_WITH_RETURN", self.model.it.left)
        for taker in (first, SELLER if first == BUYER else BUYER):
            self.both("answer_offer", "accept", taker, len(self.model.it.proposals))

    @precondition(lambda self: self.has_case())
    @rule(role=managers)
    def the_team_gives_a_claim_back(self, role: str) -> None:
        self.both("unassign", role)

    @precondition(lambda self: self.has_case())
    @rule(
        role=managers,
        kind=st.sampled_from(("REFUND", "REFUND", "REFUND_WITH_RETURN", "NO_REFUND")),
        word=amounts,
        takers=st.lists(parties, max_size=3),
    )
    def the_team_proposes(self, role: str, kind: str, word: str, takers: list[str]) -> None:
        self.both("propose", role, kind, resolved(word, self.model.it.most))
        for taker in takers:
            self.both("answer_offer", "accept", taker, len(self.model.it.proposals))

    @precondition(lambda self: self.has_case())
    @rule(
        role=managers,
        outcome=st.sampled_from(("BUYER_FAVOUR", "SELLER_FAVOUR", "PARTIAL")),
        word=amounts,
        with_return=st.booleans(),
        cites=cites,
        most=st.booleans(),
    )
    def the_team_decides(
        self, role: str, outcome: str, word: str, with_return: bool, cites: list[int], most: bool
    ) -> None:
        case = self.model.it
        whole = case.settlement.amount if case.settlement else case.most if most else case.asked
        self.both("decide", role, outcome, resolved(word, whole), with_return, cites)

    @precondition(lambda self: self.case_is("UNDER_REVIEW"))
    @rule(outcome=st.sampled_from(("BUYER_FAVOUR", "PARTIAL")))
    def the_team_decides_for_a_return(self, outcome: str) -> None:
        amount = max(1, self.model.it.asked // 2) if outcome == "PARTIAL" else None
        self.both("assign", MANAGER, "manager-1")
        self.both("decide", MANAGER, outcome, amount, True, [])

    @precondition(lambda self: self.case_is("AWAITING_RETURN", "RETURN_SHIPPED"))
    @rule(good=st.booleans(), at_once=st.booleans(), silence=st.booleans())
    def the_return_moves_on(self, good: bool, at_once: bool, silence: bool) -> None:
        if silence:
            self.the_clock_comes_to_the_deadline(0)
        else:
            self.the_case_moves_on(SELLER, good, at_once)

    @precondition(lambda self: self.has_case())
    @rule(role=sellers)
    def names_the_address(self, role: str) -> None:
        self.both("confirm_address", role)

    @precondition(lambda self: self.has_case())
    @rule(role=buyers, address=st.sampled_from((0, 0, 1, 2, 4)))
    def sends_it_back(self, role: str, address: int) -> None:
        self.both("ship_return", role, address)

    @precondition(lambda self: self.has_case())
    @rule()
    def the_return_is_delivered(self) -> None:
        self.the_clock_comes_first()
        self.both("deliver_return")

    @precondition(lambda self: self.has_case())
    @rule(role=sellers, in_order=st.booleans(), cites=cites)
    def acknowledges_the_return(self, role: str, in_order: bool, cites: list[int]) -> None:
        self.both("acknowledge", role, in_order, cites)

    @precondition(lambda self: self.has_case())
    @rule(state=st.sampled_from(("SUCCEEDED", "FAILED")), off_by=st.sampled_from((0, 0, 0, 1)))
    def the_payment_answers(self, state: str, off_by: int) -> None:
        ending = self.model.it.ending
        self.both("answer_refund", state, (ending.amount if ending else 0) + off_by)
