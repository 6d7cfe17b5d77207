"""Write the generated part of `docs/threat-model.md` anew: `python -m tools.threats`. A test compares both.

What a function could do if it were taken over is what its role allows (`infra/called.json`, from which the roles are
made), in the words of the rows of `POWERS` that it has all of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

from infra.called import Actions, called
from infra.routes import SPECS

PAGE = Path(__file__).parents[1] / "docs" / "threat-model.md"
BEGIN, END = "<!-- generated: python -m tools.threats -->", "<!-- end of what is generated -->"
WRITE = "a write"
_WRITES = ("dynamodb:PutItem", "dynamodb:UpdateItem")


class Power(NamedTuple):
    """What somebody with all of these rights could do, and what holds it.

    `rights` are pairs of how an action begins and a resource; `WRITE` is putting or updating, no resource is any.
    A function with something worse does not stand at what goes without saying then (`implied`).
    """

    rights: tuple[tuple[str, str], ...]
    could: str
    holds: str
    implied: bool = False


# Worst first.
POWERS = (
    Power(
        (("events:PutEvents", "bus"),),
        "Say anything in our name on the bus: ask for refunds that nobody granted.",
        "Each event comes from a row whose case and ledger are read again before it leaves; the payment system takes a "
        "refund's id once; `refunds hold` stops it in a second, `match` compares with the statement.",
    ),
    Power(
        ((WRITE, "CASE#*"), (WRITE, "ORDER#*")),
        "Write an outcome and the ledger that allows it: the publisher would believe both, and ask for the refund.",
        "The ledger never allows more than was paid for the order; the nightly audit replays each timeline; both "
        "parties get mails; the head of the chain in the closing mails shows what was changed afterwards.",
    ),
    Power(
        (("ses:SendEmail", ""),),
        "Send mails in the shop's name to any address, and read the addresses of the parties of every case.",
        "They leave by one identity and configuration set; bounces and complaints are alarms; `mails hold` stops all.",
    ),
    Power(
        (("kms:Sign", ""),),
        "Sign exports that are false.",
        "The head of each chain is in both parties' closing mails, which no export can change.",
    ),
    Power(
        (("s3:DeleteObjectVersion", ""),),
        "Let false evidence count, and delete evidence files for good.",
        "Its digest is in the timeline; a copy in another account where the setting asks for one.",
    ),
    Power(
        (("s3:PutObject", "archived_cases"),),
        "Write something else over the object of an archived case.",
        "The table names the SHA-256 of the object, and another is no answer but an alarm; versions are kept for 35 "
        "days; its export is signed, and its head is in the closing mails.",
    ),
    Power(
        ((WRITE, "SIGNING#*"),),
        "Learn or set the secrets of webhooks: forge what the shop's systems believe to come from us.",
        "Webhooks carry ids and codes; what counts is read from the API. `rotate` makes a new secret.",
    ),
    Power(
        ((WRITE, "ORDER#*"),),
        "Change orders, contacts and ledgers: whom mails go to, who is party to a case that is opened later.",
        "Parties, currency and ledger are fixed once there was a dispute; the audit compares the ledgers.",
        implied=True,
    ),
    Power(
        ((WRITE, "CASE#*"),),
        "Change cases: texts, dates, a false outcome; no refund follows, since the order's ledger is not in its reach.",
        "The publisher compares outcome and ledger; the audit replays the timeline; digests and chain show a forgery.",
        implied=True,
    ),
    Power(
        (("dynamodb:", "SIGNING#*"),),
        "Read the secrets of webhooks.",
        "The same as for who may write them.",
        implied=True,
    ),
    Power(
        (("s3:PutObject", ""),),
        "Put files among the evidence under any key; read no file.",
        "What is not what its owner announced (size, type, digest) never counts.",
    ),
    Power(
        (("s3:GetObjectVersion", ""),),
        "Read every case and every evidence file.",
        "It changes nothing. Files are read by key and version; the bucket's access log shows each download.",
    ),
    Power(
        (("dynamodb:", "CASE#*"),),
        "Read every case: texts, names, addresses of returns.",
        "It changes nothing, and reaches neither files nor the bus.",
        implied=True,
    ),
    Power(
        (("dynamodb:", ""),),
        "Read, or write, rows that are about no case: orders, counts, templates, the feed.",
        "Neither cases nor files are in its reach.",
        implied=True,
    ),
    Power(
        (), "Nothing but answer wrongly: it reaches no data.", "Its answers are rules and public keys.", True
    ),
)


def powers_of(actions: Actions) -> list[Power]:
    """What these rights allow, worst first; one at least."""
    found: list[Power] = []
    for power in POWERS:
        if all(_has(actions, *right) for right in power.rights) and not (power.implied and found):
            found.append(power)
    return found


def _has(actions: Mapping[str, tuple[str, ...]], action: str, resource: str) -> bool:
    for name, resources in actions.items():
        is_meant = name in _WRITES if action == WRITE else name.startswith(action)
        if is_meant and (not resource or resource in resources):
            return True
    return False


def by_power() -> dict[Power, list[str]]:
    """The functions of each power, worst first."""
    found: dict[Power, list[str]] = {it: [] for it in POWERS}
    for row in SPECS:
        for power in powers_of(called().get(row.id, {})):
            found[power].append(row.id)
    return {power: sorted(names) for power, names in found.items() if names}


def generated() -> str:
    """The generated part, with its marks."""
    return "\n".join((BEGIN, "", *_sections(), END))


def _sections() -> Iterator[str]:
    for number, (power, names) in enumerate(by_power().items(), 1):
        yield _wrapped(f"**{number}. {power.could}** Held by: {power.holds}")
        yield ""
        yield _wrapped(", ".join(f"`{name}`" for name in names))
        yield ""


def _wrapped(text: str) -> str:
    return fill(text, 120, break_long_words=False, break_on_hyphens=False)


def page(text: str) -> str:
    """The page with its generated part anew."""
    before, _, rest = text.partition(BEGIN)
    return before + generated() + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
