"""SES, API version 2 (port `MailTransport`)."""

import re
import time
import unicodedata
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from buyer_protection.adapters.aws.clients import client
from buyer_protection.application.ports.mail_transport import (
    MailDeferredError,
    MailRefusedError,
    Refusal,
    ascii_domain,
)

_NOT_IN_A_TAG = re.compile(r"[^A-Za-z0-9_-]")
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_.-]")
# What SES can write to: one bare address (RFC 5321), no names, quotes, comments, spaces or literals.
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"(?=.{{1,64}}\Z){_WORD}(?:\.{_WORD})*", re.ASCII)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_LONGEST_ADDRESS = 254
_LONGEST_SUBJECT = 200
# Whatever ends a line for somebody, is invisible control, or is half a character.
_NOT_IN_A_LINE = frozenset({"Cc", "Zl", "Zp", "Cs"})
# SES's word about the mail itself. All its other errors are about us, our account or the moment, and pass.
_REFUSED = "MessageRejected"
# SES says MessageRejected, too, of an identity that is not (or no longer) verified, and in the sandbox of readers'
# addresses: it passes once the operator has put it right.
_NOT_VERIFIED = "not verified"
# Where SES has not answered, the other mails of the same call do not wait for it one after the other: the function's
# time would be up before it has put them back into the queue.
SILENCE_SECONDS = 30.0


class SesTransport:
    """Sends from one configured address through one configuration set."""

    def __init__(self, sender: str, configuration_set: str) -> None:
        self._sender = sender
        self._configuration_set = configuration_set
        self._silent_until = 0.0
        self._domain = sender.rpartition("@")[2].rstrip(" >")

    def send(
        self, *, to: str, subject: str, html: str, text: str, thread: str, tags: Mapping[str, str]
    ) -> str:
        """See `MailTransport.send`. In a tag's value, whatever SES does not take becomes `_`."""
        destination = mailbox(to)
        if time.monotonic() < self._silent_until:
            raise MailDeferredError("NoAnswer")
        try:
            answer = client("sesv2").send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [destination]},
                ConfigurationSetName=self._configuration_set,
                EmailTags=[
                    {"Name": name, "Value": _NOT_IN_A_TAG.sub("_", value)} for name, value in tags.items()
                ],
                Content={
                    "Simple": {
                        "Subject": _utf8(one_line(subject)),
                        "Body": {"Html": _utf8(html), "Text": _utf8(text)},
                        "Headers": self._headers(thread),
                    }
                },
            )
        except ClientError as error:
            raise _judged(error) from error
        except BotoCoreError as error:
            self._silent_until = time.monotonic() + SILENCE_SECONDS
            raise MailDeferredError(type(error).__name__) from error
        return str(answer["MessageId"])

    def _headers(self, thread: str) -> list[dict[str, str]]:
        # SES puts a Message-ID of its own into every mail. What makes mails a conversation is an ancestor that they
        # share; no mail needs to have that id.
        ancestor = f"<{_NOT_IN_AN_ID.sub('_', thread)[:120]}@{self._domain}>"
        headers = {
            # Vacation responders and ticket systems do not answer such mails (RFC 3834).
            "Auto-Submitted": "auto-generated",
            # The same for Exchange; not `All`, which would keep its reports of what it cannot deliver from us too.
            "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply",
            "List-Id": f"Buyer Protection <disputes.{self._domain}>",
            "In-Reply-To": ancestor,
            "References": ancestor,
        }
        return [{"Name": name, "Value": value} for name, value in headers.items()]


def mailbox(address: str) -> str:
    """The bare address, its domain in ASCII; MailRefusedError for whatever is not one address that SES can write to."""
    try:
        whole = ascii_domain(address)
    except UnicodeError:
        raise MailRefusedError(Refusal.ADDRESS_INVALID) from None
    local, _, domain = whole.rpartition("@")
    if _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(whole) <= _LONGEST_ADDRESS:
        return whole
    raise MailRefusedError(Refusal.ADDRESS_INVALID)


def one_line(subject: str) -> str:
    """The subject as the one header line that it is."""
    printable = "".join(" " if unicodedata.category(c) in _NOT_IN_A_LINE else c for c in subject)
    return " ".join(printable.split())[:_LONGEST_SUBJECT]


def _judged(error: ClientError) -> MailDeferredError | MailRefusedError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code == _REFUSED and _NOT_VERIFIED not in message:
        return MailRefusedError(Refusal.MESSAGE_REFUSED)
    return MailDeferredError(code)


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
