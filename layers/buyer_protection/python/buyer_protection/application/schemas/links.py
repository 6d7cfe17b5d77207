"""Where an action of the contract is called: the paths that answers point to, and how a client follows them.

Use cases name paths of the API (`/v1/...`). What leaves is a reference relative to the request's own path, which
resolves by RFC 3986 wherever the API stands: on a stage's address, on a custom domain with or without a base path,
behind CloudFront. Who else called the API, or by which name, it need not know.
"""

import re

from buyer_protection.domain.actions import ROUTES
from buyer_protection.domain.enums import Action


def dispute_link(dispute_id: str) -> str:
    """The dispute itself."""
    return f"/v1/disputes/{dispute_id}"


def action_link(action: Action, dispute_id: str, subject_id: str | None) -> tuple[str, str]:
    """Method and path of an action on a dispute, or on the offer or the ruling of that id."""
    method, path = ROUTES[action]
    return method, path.format(dispute_id=dispute_id, offer_id=subject_id, decision_id=subject_id)


# A link in the JSON that msgspec makes of an `ActionDocument`: quotation marks inside of texts are escaped, so that no
# text of a person looks like it.
_LINKS = re.compile(rb'("action":"[A-Z_]+","method":"[A-Z]+","href":")/')


def relative(path: str, request_path: str) -> str:
    """The reference from the request at `request_path` to `path`; both are paths of the API that begin with `/v1`."""
    return _up_from(request_path) + path.removeprefix("/")


def with_relative_links(body: bytes, request_path: str) -> bytes:
    """The JSON of an answer to the request at `request_path`, with the links of its actions relative to that."""
    up = _up_from(request_path).encode()
    return _LINKS.sub(lambda link: link[1] + up, body)


def _up_from(request_path: str) -> str:
    """From the folder of a path to the API's root: `../` for `/v1/disputes`, one more for each further step."""
    return "../" * (request_path.count("/") - 1)
