"""Made-up cases for the gallery: for every kind of mail and each of its readers what a real one could say.

Each language has a reader, a zone, a currency and an order of its own, so that the gallery shows decimals, scripts and
long titles as they come; `scenes.py` says what happened. Nothing here is anybody's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from buyer_protection.application.ports.mail_view import (
    BUYER,
    SELLER,
    SPECS,
    DetailValue,
    MailKind,
    MailView,
    Window,
)

HAPPENED: Final = datetime(2026, 3, 5, 17, 3, 27, 123_000, tzinfo=UTC)
SITE: Final = "https://shop.example.com/disputes"

# What the clock does at the end of each window, and whose turn it is until then, in the ordinary case.
_MISSED: Final[Mapping[Window, str]] = {
    Window.NEGOTIATION: "AUTO_ESCALATE",
    Window.EVIDENCE: "CLAIM_CANCELLED",
    Window.DECISION: "DECIDED_WITHOUT_YOU",
    Window.RETURN_SHIPMENT: "RETURN_NOT_SHIPPED",
    Window.RETURN_RECEIPT: "REFUND_ON_DELIVERY",
    Window.REASON_CHANGE: "REASON_CHANGE_CLOSES",
}
_TURNS: Final = frozenset(
    {
        (Window.NEGOTIATION, "AUTO_ESCALATE", SELLER),
        (Window.EVIDENCE, "CLAIM_CANCELLED", BUYER),
        (Window.EVIDENCE, "CLAIM_CANCELLED", SELLER),
        (Window.EVIDENCE, "DECIDED_WITHOUT_YOU", BUYER),
        (Window.RETURN_SHIPMENT, "RETURN_NOT_SHIPPED", BUYER),
        (Window.RETURN_SHIPMENT, "REFUND_WITHOUT_RETURN", SELLER),
        (Window.RETURN_RECEIPT, "REFUND_ON_DELIVERY", SELLER),
    }
)


# Where the case stands while each window is open, and what each side can do then, in the ordinary case.
_STATUSES: Final[Mapping[Window | None, str]] = {
    None: "RESOLVED",
    Window.NEGOTIATION: "NEGOTIATION",
    Window.EVIDENCE: "CLAIM_EVIDENCE",
    Window.DECISION: "UNDER_REVIEW",
    Window.RETURN_SHIPMENT: "AWAITING_RETURN",
    Window.RETURN_RECEIPT: "RETURN_SHIPPED",
    Window.REASON_CHANGE: "NEGOTIATION",
}
_SETTLING: Final = frozenset(
    {"MAKE_OFFER", "ACCEPT_OFFER", "DECLINE_OFFER", "WITHDRAW_OFFER", "SEND_MESSAGE"}
)
_OF_ONE: Final[Mapping[str, frozenset[str]]] = {
    BUYER: frozenset({"CANCEL", "CHANGE_REASON", "ESCALATE"}),
    SELLER: frozenset({"ACCEPT_REQUEST"}),
}


def _steps(sample: Sample, missed: str | None) -> frozenset[str]:
    """What the reader can do."""
    both = {"ADD_EVIDENCE", "SEND_MESSAGE"}
    match sample.window:
        case None:
            return frozenset()
        case Window.RETURN_SHIPMENT if sample.recipient == SELLER:
            found = both | {"CONFIRM_RETURN_ADDRESS"}
        case Window.RETURN_SHIPMENT:
            found = both | ({"REGISTER_RETURN_SHIPMENT"} if missed == "RETURN_NOT_SHIPPED" else set())
        case Window.RETURN_RECEIPT:
            found = both | ({"ACKNOWLEDGE_RETURN"} if sample.recipient == SELLER else set())
        case Window.DECISION:
            found = {*_SETTLING, *_OF_ONE[sample.recipient]} - {"ESCALATE"}
        case Window.EVIDENCE:
            found = {*both, *_SETTLING, *_OF_ONE[sample.recipient], "EVIDENCE_COMPLETE"} - {"ESCALATE"}
        case _:
            found = {*both, *_SETTLING, *_OF_ONE[sample.recipient]}
    return frozenset(found) - sample.cannot


@dataclass(frozen=True, slots=True)
class Setting:
    """A language's people and order; `digits` is how many minor units the currency has."""

    language: str
    names: Mapping[str, str]
    time_zones: Mapping[str, str]
    currency: str
    digits: int
    order_id: str
    titles: tuple[str, ...]
    note: str

    def minor(self, units: int) -> int:
        """So many whole units of the currency."""
        return int(units * 10**self.digits)


SETTINGS: Final = (
    Setting(
        "en", {BUYER: "Ana Example", SELLER: "Harbour Lamps"},
        {BUYER: "America/New_York", SELLER: "Asia/Shanghai"}, "USD", 2, "2026-0417-8831",
        (
            "Hand-blown glass pendant lamp with a woven shade, dimmable, warm white, for ceilings up to 3.5 m",
            "Spare bulb, pack of 4",
        ),
        "The shade has a crack from the rim to the socket. The box was dented on one side.\nI can send more photos.",
    ),
    Setting(
        "pt-BR", {BUYER: "Bianca Exemplo", SELLER: "Luminárias do Porto"},
        {BUYER: "America/Sao_Paulo", SELLER: "America/Fortaleza"}, "BRL", 2, "2026-0417-8832",
        ("Luminária pendente de vidro soprado com cúpula trançada, regulável", "Lâmpada sobressalente, 4 unidades"),
        "A cúpula está rachada da borda até o soquete.\nPosso enviar mais fotos.",
    ),
    Setting(
        "es-MX", {BUYER: "Lucía Ejemplo", SELLER: "Lámparas del Puerto"},
        {BUYER: "America/Mexico_City", SELLER: "Europe/Madrid"}, "MXN", 2, "2026-0417-8833",
        ("Lámpara colgante de vidrio soplado con pantalla tejida, regulable", "Bombilla de repuesto, 4 unidades"),
        "La pantalla tiene una grieta desde el borde hasta el casquillo.\nPuedo enviar más fotos.",
    ),
    Setting(
        "fr-FR", {BUYER: "Chloé Exemple", SELLER: "Les Lampes du Port"},
        {BUYER: "Europe/Paris", SELLER: "Asia/Tokyo"}, "JPY", 0, "2026-0417-8834",
        ("Suspension en verre soufflé avec abat-jour tressé, variateur", "Ampoule de rechange, lot de 4"),
        "L’abat-jour est fêlé du bord jusqu’à la douille.\nJe peux envoyer d’autres photos.",
    ),
    Setting(
        "ru-RU", {BUYER: "Анна Примерова", SELLER: "Лампы у гавани"},
        {BUYER: "Europe/Moscow", SELLER: "Asia/Shanghai"}, "RUB", 2, "2026-0417-8835",
        (
            "Подвесной светильник из выдувного стекла с плетёным абажуром, с регулировкой яркости",
            "Запасная лампочка, 4 шт.", "Шнур, 3 м", "Крючок", "Дюбель", "Отвёртка", "Лента", "Инструкция",
        ),
        "На абажуре трещина от края до патрона.\nМогу прислать ещё фото.",
    ),
    Setting(
        "ar-KW", {BUYER: "ليلى مثال", SELLER: "Harbour Lamps"},
        {BUYER: "Asia/Kuwait", SELLER: "Asia/Dubai"}, "KWD", 3, "2026-0417-8836",
        (
            "مصباح معلّق من الزجاج المنفوخ مع غطاء مجدول، قابل للتعتيم", "Spare bulb E27, pack of 4",
            "سلك 3 م", "خطاف", "وتد", "مفك", "شريط", "دليل",
        ),
        "في الغطاء شرخ من الحافة حتى المقبس (E27).\nيمكنني إرسال صور أخرى.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail of the gallery. `days` from the event to the due instant; None where nothing is due.

    `cannot`: what the reader could do in the ordinary case. `less`: less is left to refund than was agreed.
    """

    kind: MailKind
    recipient: str
    window: Window | None = None
    days: float | None = None
    variant: str = ""
    reason: str = "NOT_AS_DESCRIBED"
    cannot: frozenset[str] = frozenset()
    less: bool = False
    if_missed: str | None = None
    details: Mapping[str, DetailValue] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The stem of its files, such as `decided-buyer-with_return`."""
        return "-".join(part for part in (self.kind.lower(), self.recipient.lower(), self.variant) if part)


def view(sample: Sample, setting: Setting) -> MailView:
    """What the mail says to the reader of that language."""
    spec = SPECS[sample.kind]
    known = {**_details(sample, setting), **sample.details}
    missed = sample.if_missed or (_MISSED[sample.window] if sample.window else None)
    return MailView(
        kind=sample.kind,
        recipient=sample.recipient,
        recipient_name=setting.names[sample.recipient],
        locale=setting.language,
        time_zone=setting.time_zones[sample.recipient],
        dispute_id="" if sample.kind is MailKind.ORDER_UNCOLLECTED else "dp-7f3k2m9q",
        order_id=setting.order_id,
        dispute_url=SITE.replace("disputes", f"orders/{setting.order_id}")
        if sample.kind is MailKind.ORDER_UNCOLLECTED
        else f"{SITE}/dp-7f3k2m9q",
        item_titles=setting.titles,
        reason=sample.reason,
        requested_refund_minor=setting.minor(1_299),
        currency=setting.currency,
        happened_at=HAPPENED,
        due_at=None if sample.days is None else HAPPENED + timedelta(days=sample.days),
        window=sample.window,
        must_act=(sample.window, missed, sample.recipient) in _TURNS,
        if_missed=missed,
        status=_STATUSES[sample.window],
        steps=_steps(sample, missed),
        details={name: known[name] for name in spec.required + spec.optional if name in known},
        events=_events(sample, setting) if sample.kind is MailKind.DIGEST else (),
    )


def _events(sample: Sample, setting: Setting) -> tuple[MailView, ...]:
    """What a digest is about: one event of each kind that can be repeated."""
    kinds = (
        MailKind.OFFER_MADE,
        MailKind.OFFER_DECLINED,
        MailKind.OFFER_WITHDRAWN,
        MailKind.EVIDENCE_ADDED,
        MailKind.MESSAGE_WAITING,
    )
    made = (view(replace(sample, kind=kind), setting) for kind in kinds)
    return tuple(replace(one, happened_at=HAPPENED - timedelta(minutes=9 - n)) for n, one in enumerate(made))


def _offer_details(setting: Setting, made_by: str) -> dict[str, DetailValue]:
    note = setting.note
    return {
        "offer_by": made_by,
        "offer_note": note,
        "offer_refund_minor": setting.minor(750),
        "offer_type": "REFUND",
        "replaced_refund_minor": setting.minor(400),
        "replaced_type": "REFUND",
        "waiting_offer_refund_minor": setting.minor(500),
        "waiting_offer_type": "REFUND_WITH_RETURN",
    }


def _parcel_details(setting: Setting) -> dict[str, DetailValue]:
    note = setting.note
    return {
        "carrier": "Coastline Post",
        "delivered_at": HAPPENED,
        "on_their_way": (
            "p2 (Coastline Post CP000000004CN)",
            f"p3 (Harbour Express HX31): {setting.titles[0]}",
        ),
        "parcel": f"p1 (Coastline Post CP000000003CN): {setting.titles[0]}",
        "parcels": ("p2 (Coastline Post CP000000004CN)",),
        "problem": "DAMAGED",
        "problem_note": note,
        "return_address": "Harbour Lamps, Returns\n9 Quay Road\n200001 Example City",
        "return_required": False,
        "return_result": "RECEIVED",
        "tracking_number": "CP000000002CN",
    }


def _details(sample: Sample, setting: Setting) -> dict[str, DetailValue]:
    """The details of a mail of any kind in this setting; each kind uses those it needs."""
    other = SELLER if sample.recipient == BUYER else BUYER
    made_by = sample.recipient if sample.kind is MailKind.OFFER_DECLINED else other
    note = setting.note
    return {
        "accepted_by": BUYER,
        "agreed_minor": setting.minor(750) if sample.less else None,
        "paid_minor": setting.minor(400) if sample.less else None,
        "asked_of": BUYER,
        "cause": "REFUND_ELSEWHERE",
        "left_minor": setting.minor(900),
        "offers_lapsed": True,
        "can_agree": True,
        "request_stands": True,
        "can_be_judged": True,
        "for_both": True,
        "review_waits": False,
        "previous_minor": setting.minor(1_299),
        "can_reopen_until": HAPPENED + timedelta(days=9),
        "chain_head": "0f5a1c27e4d94b8f" * 4,
        "claim_reason": "SELLER_REFUSED_PARTIAL_REFUND",
        "claim_text": note,
        "description": note,
        "escalated_by": BUYER,
        "escalation_available_at": HAPPENED + timedelta(days=3),
        "evidence_text": note,
        "evidence_type": "PHOTO",
        "evidence_types": ("PHOTO", "LISTING_SNAPSHOT"),
        "file_name": "IMG_0412 (2).png",
        "from_role": other,
        "has_own_evidence": False,
        "of_return": False,
        "outcome_code": "DECIDED_PARTIAL",
        "previous_due_at": HAPPENED + timedelta(days=4),
        "previous_reason": "NOT_RECEIVED",
        "question": note,
        "rationale": note,
        "reason_change_due_at": HAPPENED + timedelta(days=5),
        "reasons": ("ITEM_DAMAGED", "SELLER_EVIDENCE_INSUFFICIENT"),
        "refund_minor": setting.minor(400 if sample.less else 750),
        "refusal": "WRONG_TYPE",
        "still_open": True,
        "sub_reason": "DAMAGED",
        **_offer_details(setting, made_by),
        **_parcel_details(setting),
    }
