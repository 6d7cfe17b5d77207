"""SES, API version 2 (port `MailTransport`)."""

import re
from collections.abc import Mapping

from buyer_protection.adapters.clients import client

_NOT_IN_A_TAG = re.compile(r"[^A-Za-z0-9_-]")
# Vacation responders and ticket systems do not answer such mails (RFC 3834).
_HEADERS = [
    {"Name": "Auto-Submitted", "Value": "auto-generated"},
    {"Name": "X-Auto-Response-Suppress", "Value": "All"},
]


class SesTransport:
    """Sends from one configured address through one configuration set."""

    def __init__(self, sender: str, configuration_set: str) -> None:
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, *, to: str, subject: str, html: str, text: str, tags: Mapping[str, str]) -> str:
        """See `MailTransport.send`. In a tag's value, whatever SES does not take becomes `_`."""
        answer = client("sesv2").send_email(
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [to]},
            ConfigurationSetName=self._configuration_set,
            EmailTags=[
                {"Name": name, "Value": _NOT_IN_A_TAG.sub("_", value)} for name, value in tags.items()
            ],
            Content={
                "Simple": {
                    "Subject": _utf8(subject),
                    "Body": {"Html": _utf8(html), "Text": _utf8(text)},
                    "Headers": _HEADERS,
                }
            },
        )
        return str(answer["MessageId"])


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
