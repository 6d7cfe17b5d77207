"""Q14 at the transport's border: whatever text comes in, one mail goes to one plain address in clean header lines."""

import re
from email.headerregistry import Address
from email.utils import getaddresses
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.adapters.aws import ses_transport
from buyer_protection.adapters.aws.ses_transport import SILENCE_SECONDS, SesTransport, mailbox, one_line
from buyer_protection.application.ports.mail_transport import MailDeferredError, MailRefusedError, Refusal

# What breaks headers somewhere: line ends of all kinds, separators, quotes, brackets, controls, half characters.
NASTY = '\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00\t ,;:<>()[]\\"@\u202e\u200b\ud800'
HOSTILE = st.text(st.one_of(st.sampled_from(NASTY), st.characters()), max_size=80)
HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
HEADER_VALUE = re.compile(r"[ -~]{1,995}")


class FakeSes:
    """SES's client: keeps what it is asked to send, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.calls: list[dict[str, Any]] = []
        self.failure = failure

    def send_email(self, **call: Any) -> dict[str, str]:
        if self.failure is not None:
            raise self.failure
        self.calls.append(call)
        return {"MessageId": "m-1"}


def sent_by(
    ses: FakeSes,
    to: str = "ana@example.com",
    subject: str = "Olá",
    thread: str = "dp-1.buyer",
    tag: str = "x",
) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ses_transport, "client", lambda _service: ses)
        transport = SesTransport("Disputes <disputes@shop.example.com>", "set")
        return transport.send(to=to, subject=subject, html="", text="", thread=thread, tags={"t": tag})


@given(to=HOSTILE, subject=HOSTILE, thread=HOSTILE, tag=HOSTILE)
def test_q14_no_text_reaches_a_header_that_is_not_its_own(
    to: str, subject: str, thread: str, tag: str
) -> None:
    ses = FakeSes()
    try:
        sent_by(ses, f"{to}@example.com", subject, thread, tag)
    except MailRefusedError:
        assert not ses.calls
        sent_by(ses, "ana@example.com", subject, thread, tag)
    (call,) = ses.calls
    (address,) = call["Destination"]["ToAddresses"]
    assert set(call["Destination"]) == {"ToAddresses"}
    assert getaddresses([address]) == [("", address)]
    assert len(call["Content"]["Simple"]["Subject"]["Data"].splitlines()) <= 1
    call["Content"]["Simple"]["Subject"]["Data"].encode("utf-8")
    assert [header["Name"] for header in call["Content"]["Simple"]["Headers"]] == [
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "List-Id",
        "In-Reply-To",
        "References",
    ]
    for header in call["Content"]["Simple"]["Headers"]:
        assert HEADER_NAME.fullmatch(header["Name"])
        assert HEADER_VALUE.fullmatch(header["Value"])
    assert re.fullmatch(r"[A-Za-z0-9_-]*", call["EmailTags"][0]["Value"])


@given(HOSTILE)
def test_q14_what_is_taken_for_an_address_is_one_bare_address(text: str) -> None:
    try:
        address = mailbox(text)
    except MailRefusedError:
        return
    parsed = Address(addr_spec=address)
    assert (parsed.username, parsed.domain) == tuple(address.split("@"))
    assert address.isascii()
    assert not set(address) & set(' \r\n\t,;:<>()[]\\"')


@given(
    local=st.from_regex(r"\A[a-z0-9+_-]{1,20}(\.[a-z0-9+_-]{1,20}){0,2}\Z"),
    domain=st.from_regex(r"\A[a-z0-9]{1,20}(\.[a-z0-9]{2,10}){1,3}\Z"),
)
def test_ordinary_addresses_are_taken_as_they_are(local: str, domain: str) -> None:
    assert mailbox(f"{local}@{domain}") == f"{local}@{domain}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@example.com",
        "ana@",
        "ana@localhost",
        "ana@@example.com",
        "ana@example.com@",
        "Ana <ana@example.com>",
        "ana@example.com, eve@example.net",
        "ana@example.com;eve@example.net",
        "ana@example.com\r\nBcc: eve@example.net",
        "ana@example.com\n",
        " ana@example.com",
        "ana @example.com",
        '"ana@example.net"@example.com',
        "ana(comment)@example.com",
        "aná@example.com",
        "ana@exam\u2028ple.com",
        "ana@-example.com",
        ".ana@example.com",
        "ana.@example.com",
        "ana..b@example.com",
        "ana@example..com",
        "ana@[192.0.2.1]",
        "=?utf-8?q?eve?=@example.com ",
        f"{'a' * 65}@example.com",
        f"ana@{'a' * 64}.com",
        f"ana@{'.'.join(['a' * 60] * 5)}.com",
    ],
)
def test_q14_what_is_no_bare_address_is_refused_before_ses_is_asked(address: str) -> None:
    ses = FakeSes()
    with pytest.raises(MailRefusedError) as refused:
        sent_by(ses, to=address)
    assert refused.value.refusal is Refusal.ADDRESS_INVALID
    assert address not in str(refused.value) or not address
    assert not ses.calls


def test_a_domain_in_another_script_is_written_in_ascii() -> None:
    assert mailbox("ana@bücher.example") == "ana@xn--bcher-kva.example"


@given(HOSTILE)
def test_q14_a_subject_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert len(line) <= 200


def error(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "SendEmail")


@pytest.mark.parametrize(
    "code",
    [
        "TooManyRequestsException",
        "LimitExceededException",
        "SendingPausedException",
        "AccountSuspendedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "BadRequestException",
        "AccessDeniedException",
        "InternalServiceErrorException",
    ],
)
def test_what_an_operator_or_time_can_mend_is_tried_again(code: str) -> None:
    with pytest.raises(MailDeferredError) as deferred:
        sent_by(FakeSes(error(code, "for ana@example.com")))
    assert str(deferred.value) == code


@pytest.mark.parametrize(
    "failure",
    [
        EndpointConnectionError(endpoint_url="https://ses.example.com"),
        ConnectTimeoutError(endpoint_url="https://ses.example.com"),
        ReadTimeoutError(endpoint_url="https://ses.example.com"),
    ],
)
def test_where_nobody_answers_it_is_tried_again(failure: Exception) -> None:
    with pytest.raises(MailDeferredError) as deferred:
        sent_by(FakeSes(failure))
    assert deferred.value.code == type(failure).__name__


def test_where_nobody_answers_the_mails_after_it_do_not_wait_for_it_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1_000.0]
    ses = FakeSes(ReadTimeoutError(endpoint_url="https://ses.example.com"))
    monkeypatch.setattr(ses_transport, "client", lambda _service: ses)
    monkeypatch.setattr(ses_transport.time, "monotonic", lambda: now[0])
    transport = SesTransport("disputes@shop.example.com", "set")
    mail = {"to": "ana@example.com", "subject": "", "html": "", "text": "", "thread": "dp-1.buyer"}
    for code in ("ReadTimeoutError", "NoAnswer", "NoAnswer"):
        with pytest.raises(MailDeferredError, match=code):
            transport.send(**mail, tags={})
    ses.failure = None
    now[0] += SILENCE_SECONDS
    assert transport.send(**mail, tags={}) == "m-1"
    assert len(ses.calls) == 1


def test_a_mail_that_ses_refuses_is_not_tried_again() -> None:
    with pytest.raises(MailRefusedError) as refused:
        sent_by(FakeSes(error("MessageRejected", "Transaction failed: bad content")))
    assert refused.value.refusal is Refusal.MESSAGE_REFUSED


def test_an_identity_that_is_not_verified_waits_for_its_operator() -> None:
    with pytest.raises(MailDeferredError):
        sent_by(
            FakeSes(error("MessageRejected", "Email address is not verified. The following identities …"))
        )


def test_mails_of_one_thread_share_an_ancestor_and_belong_to_one_list() -> None:
    ses = FakeSes()
    for thread in ("dp-1.buyer", "dp-1.buyer", "dp-2.buyer"):
        sent_by(ses, thread=thread)
    found = [{h["Name"]: h["Value"] for h in call["Content"]["Simple"]["Headers"]} for call in ses.calls]
    assert [headers["References"] for headers in found] == [
        "<dp-1.buyer@shop.example.com>",
        "<dp-1.buyer@shop.example.com>",
        "<dp-2.buyer@shop.example.com>",
    ]
    assert all(headers["In-Reply-To"] == headers["References"] for headers in found)
    assert {headers["List-Id"] for headers in found} == {"Buyer Protection <disputes.shop.example.com>"}
