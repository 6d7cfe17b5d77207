"""What can be wrong with one field of a request: the codes of `errors[]`, and a sentence for each."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class FieldCode(StrEnum):
    """The code of one wrong field: `DETAILS` says what each means."""

    REQUIRED = "REQUIRED"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    NOT_ALLOWED = "NOT_ALLOWED"
    INVALID_FORMAT = "INVALID_FORMAT"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    TOO_SMALL = "TOO_SMALL"
    TOO_LARGE = "TOO_LARGE"
    REPEATED = "REPEATED"
    INVALID_ENCODING = "INVALID_ENCODING"
    INVALID_JSON = "INVALID_JSON"
    TOO_DEEP = "TOO_DEEP"
    DUPLICATE = "DUPLICATE"
    EXPIRED = "EXPIRED"
    FIXED = "FIXED"
    IN_THE_FUTURE = "IN_THE_FUTURE"
    MUST_BE_TRUE = "MUST_BE_TRUE"
    NEEDS_FILE = "NEEDS_FILE"
    NOT_A_CURRENCY = "NOT_A_CURRENCY"
    NOT_IN_DISPUTE = "NOT_IN_DISPUTE"
    NOT_OF_THIS_LIST = "NOT_OF_THIS_LIST"
    NOT_OF_THIS_REASON = "NOT_OF_THIS_REASON"
    NOT_ON_ORDER = "NOT_ON_ORDER"
    NOTHING_VISIBLE = "NOTHING_VISIBLE"
    SAME_PERSON = "SAME_PERSON"


DETAILS: Mapping[str, str] = MappingProxyType(
    {
        FieldCode.REQUIRED: "It is missing.",
        FieldCode.UNKNOWN_FIELD: "There is no such field.",
        FieldCode.WRONG_TYPE: "It is of another type.",
        FieldCode.NOT_ALLOWED: "It is none of the values that are allowed.",
        FieldCode.INVALID_FORMAT: "It does not have the form that is asked for.",
        FieldCode.OUT_OF_RANGE: "It lies outside of what is possible.",
        FieldCode.TOO_SHORT: "It is too short.",
        FieldCode.TOO_LONG: "It is too long.",
        FieldCode.TOO_SMALL: "It is too small.",
        FieldCode.TOO_LARGE: "It is too large.",
        FieldCode.REPEATED: "It is given more than once.",
        FieldCode.INVALID_ENCODING: "It is not valid UTF-8.",
        FieldCode.INVALID_JSON: "It is not valid JSON.",
        FieldCode.TOO_DEEP: "It is nested too deep.",
        FieldCode.DUPLICATE: "Another one has the same id.",
        FieldCode.EXPIRED: "It is older than what is kept.",
        FieldCode.FIXED: "It cannot change any more.",
        FieldCode.IN_THE_FUTURE: "It lies in the future.",
        FieldCode.MUST_BE_TRUE: "It must be true.",
        FieldCode.NEEDS_FILE: "It needs a file.",
        FieldCode.NOT_A_CURRENCY: "It is no currency of ISO 4217.",
        FieldCode.NOT_IN_DISPUTE: "It is no part of this dispute.",
        FieldCode.NOT_OF_THIS_LIST: "It was given for another list or another query.",
        FieldCode.NOT_OF_THIS_REASON: "It belongs to another reason.",
        FieldCode.NOT_ON_ORDER: "It is not on the order.",
        FieldCode.NOTHING_VISIBLE: "It has no character that can be seen.",
        FieldCode.SAME_PERSON: "Buyer and seller are the same person.",
    }
)
