"""What the parties are called on a case: names as they are shown, never a way to reach somebody.

A case keeps them as they were when it was opened, so that no reading needs the order.
"""

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.order import Order
from buyer_protection.domain.sides import PartyNames
from buyer_protection.domain.texts import says_something

# So many digits in a name are a telephone number, or part of an address.
_MOST_DIGITS = 4


def names_of(order: Order) -> PartyNames:
    """The parties' names as the order has them now."""
    return PartyNames(_shown(order.buyer.name), _shown(order.seller.name))


def display_name(case: Dispute, party: Role, reader: Role) -> str:
    """What this reader is shown of that party's name; the party's id where no name is kept.

    Sellers see the buyer's name shortened, if the case's policy says so.
    """
    name = case.names.buyer if party is Role.BUYER else case.names.seller
    if not name:
        return case.buyer_id if party is Role.BUYER else case.seller_id
    is_shortened = party is Role.BUYER and reader is Role.SELLER and case.policy.shorten_buyer_name
    return _shortened(name) if is_shortened else name


def _shown(name: str) -> str:
    """The name in one line; nothing where it holds a way to reach its bearer, or no character that can be seen."""
    is_contact = "@" in name or sum(character.isdigit() for character in name) > _MOST_DIGITS
    return "" if is_contact or not says_something(name) else " ".join(name.split())


def _shortened(name: str) -> str:
    """Given name and the initial of the last: "Maria S."; a name of one word stays as it is."""
    first, *others = name.split()
    return f"{first} {others[-1][0].upper()}." if others else first
