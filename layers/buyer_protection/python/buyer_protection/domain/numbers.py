"""The count inside the ids of a case's parts: `of-7` is its seventh offer, `ev-3` its third item of evidence."""


def offer_number(offer_id: str) -> int:
    """The count inside `of-7`; 0 where the text is no offer id of ours."""
    return _counted("of", offer_id)


def evidence_number(evidence_id: str) -> int:
    """The count inside `ev-3`; 0 where the text is no evidence id of ours."""
    return _counted("ev", evidence_id)


def message_number(message_id: str) -> int:
    """The count inside `ms-12`; 0 where the text is no message id of ours."""
    return _counted("ms", message_id)


def _counted(prefix: str, text: str) -> int:
    digits = text.removeprefix(f"{prefix}-")
    number = int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= 4 else 0
    return number if text == f"{prefix}-{number}" else 0
