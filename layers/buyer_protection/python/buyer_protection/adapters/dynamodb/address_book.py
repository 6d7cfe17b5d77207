"""ADDRESS rows (port `AddressBook`): addresses that no mails go to any more."""

from datetime import timedelta

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import AddressRow
from buyer_protection.application.ports.mail_transport import AddressMark
from buyer_protection.domain.mail_alert import MailProblem, is_graver

# As long as anything is kept of a case (R48).
_KEPT_FOR = timedelta(days=1_095)


class PynamoAddressBook:
    """A mark is written once, and again only where it gets graver."""

    def mark_of(self, address_id: str) -> AddressMark | None:
        """See `AddressBook.mark_of`."""
        key = keys.address(address_id)
        row = Row.fetch([key]).get(key)
        return AddressMark(row.trouble, row.at, row.dispute_id) if isinstance(row, AddressRow) else None

    def mark(self, address_id: str, mark: AddressMark) -> bool:
        """See `AddressBook.mark`."""
        row = AddressRow(
            *keys.address(address_id),
            trouble=mark.trouble,
            at=mark.at,
            dispute_id=mark.dispute_id,
            expires_at=int((mark.at + _KEPT_FOR).timestamp()),
        )
        free = AddressRow.pk.does_not_exist()
        for lesser in (trouble for trouble in MailProblem if is_graver(mark.trouble, than=trouble)):
            free |= AddressRow.trouble == lesser
        return row.put_if(free)
