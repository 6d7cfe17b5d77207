"""The real notification function over moto: one case, a buyer who reads Portuguese, a seller who reads Arabic."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from buyer_protection.adapters.aws.clients import client
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.composition import container
from tests.integration.test_handlers import BACKEND, BUYER, OPENING, SELLER, order_body
from tests.support.api_events import CONTEXT, ENVIRONMENT, document
from tests.support.in_process import call

READERS = {
    "buyer": {"locale": "pt-BR", "time_zone": "America/Sao_Paulo"},
    "seller": {"locale": "ar-KW", "time_zone": "Asia/Kuwait"},
}


@pytest.fixture
def shop(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    mail = {
        "MAIL_SENDER": "Disputes <disputes@example.com>",
        "MAIL_CONFIGURATION_SET": "disputes",
        "NOTIFICATION_QUEUE_URL": "notifications",
    }
    for name, value in {**ENVIRONMENT, **mail}.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    order = order_body()
    for party, reads in READERS.items():
        order[party] |= reads
    assert call("put_order", BACKEND, order, order_id="A-1")["statusCode"] == 201
    yield
    container.get.cache_clear()


def notify(dispute_id: str) -> None:
    """The function, woken by the queue after the stream's reader has asked for the case's mails."""
    from functions.notify_parties.handler import handler

    post = container.get().mail_delivery
    dossier = post.cases.dossier(dispute_id)
    assert dossier is not None
    post.outbox.add([mail for entry in dossier.timeline for mail in mails_for(entry)])
    queued = {"messageId": "m-1", "body": json.dumps({"case_id": dispute_id})}
    assert handler({"Records": [queued]}, CONTEXT) == {"batchItemFailures": []}


@pytest.mark.usefixtures("shop")
def test_r23_each_side_reads_in_its_own_language_and_zone() -> None:
    sent: list[dict[str, Any]] = []
    ses = client("sesv2")
    ses.meta.events.register(
        "provide-client-params.sesv2.SendEmail", lambda params, **_: sent.append(dict(params))
    )
    ses.create_email_identity(EmailIdentity="example.com")
    opened = document(call("open_dispute", BUYER, OPENING))
    offer = {"type": "REFUND", "refund": {"amount_minor": 500, "currency": "USD"}}
    assert call("make_offer", SELLER, offer, dispute_id=opened["dispute_id"])["statusCode"] == 201
    for _ in range(2):
        notify(opened["dispute_id"])
    mails = [
        (mail["Destination"]["ToAddresses"], mail["Content"]["Simple"]["Subject"]["Data"]) for mail in sent
    ]
    assert sorted(mails) == [
        (["buyer@example.com"], "Responda a uma oferta (pedido A-1)"),
        (["buyer@example.com"], "Sua disputa está aberta: envie suas provas (pedido A-1)"),
        (["seller@example.com"], "طلب استرداد ينتظر ردك (الطلب A-1)"),
    ]
    for mail in sent:
        body = mail["Content"]["Simple"]["Body"]
        html, text = body["Html"]["Data"], body["Text"]["Data"]
        to_buyer = mail["Destination"]["ToAddresses"] == ["buyer@example.com"]
        assert ('<html lang="pt-BR" dir="ltr">' if to_buyer else '<html lang="ar" dir="rtl">') in html
        assert ("Horário Padrão de Brasília" if to_buyer else "التوقيت العربي الرسمي") in text
        assert " UTC" in text
