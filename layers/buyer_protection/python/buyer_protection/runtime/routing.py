"""What the edge needs of API Gateway's proxy events (REST, payload 1.0): one function's routes, CORS, and the answer.

Powertools' resolver does this and much more; importing it costs every cold start a quarter of a bare `import boto3`,
and every request its generality (docs/decisions/0012).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, TypeVar

from buyer_protection.domain.errors import NotFoundError
from buyer_protection.runtime import settings

Event: TypeAlias = Mapping[str, Any]
Result: TypeAlias = dict[str, Any]

_EXPOSED = "ETag,Location,Retry-After"


class Reply(NamedTuple):
    """An answer: HTTP status, body, and headers by name, the `Content-Type` among them."""

    status: int
    body: str
    headers: dict[str, str]


View: TypeAlias = Callable[..., Reply]
V = TypeVar("V", bound=View)


class Request:
    """One call as the gateway tells of it. `document` is the edge's, to read a body once."""

    __slots__ = ("_headers", "document", "event", "method", "path")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.method = str(event["httpMethod"])
        self.path = str(event["path"])
        self.document: dict[str, Any] | None = None
        self._headers = {name.lower(): text for name, text in (event.get("headers") or {}).items()}

    def header(self, name: str) -> str | None:
        """The header of that name, which is told in lower case: their names know no case."""
        found: str | None = self._headers.get(name)
        return found


class Api:
    """An app of one function: its routes, and the request that it answers at the moment."""

    request: Request

    def __init__(self, refusal: Callable[[Event, Exception], Reply]) -> None:
        self._refusal = refusal
        self._routes: list[tuple[str, list[str], View]] = []

    def get(self, path: str) -> Callable[[V], V]:
        """Route GETs; `<name>` in the path stands for one segment, which the view takes by that name."""
        return self._route("GET", path)

    def post(self, path: str) -> Callable[[V], V]:
        """Route POSTs."""
        return self._route("POST", path)

    def put(self, path: str) -> Callable[[V], V]:
        """Route PUTs."""
        return self._route("PUT", path)

    def delete(self, path: str) -> Callable[[V], V]:
        """Route DELETEs."""
        return self._route("DELETE", path)

    def resolve(self, event: Event) -> Result:
        """Answer a call: by its view, or by what becomes of an error. A path that is not ours is absent (404)."""
        self.request = Request(event)
        try:
            view, names = self._find(self.request)
            reply = view(**names)
        except Exception as error:  # noqa: BLE001 - the map from errors to answers is the refusal's
            reply = self._refusal(event, error)
        return result_of(reply, _cross_origin(self.request.header("origin")))

    def _route(self, method: str, path: str) -> Callable[[V], V]:
        def add(view: V) -> V:
            self._routes.append((method, path.split("/"), view))
            return view

        return add

    def _find(self, request: Request) -> tuple[View, dict[str, str]]:
        steps = request.path.rstrip("/").split("/")
        for method, pattern, view in self._routes:
            names = _match(pattern, steps) if method == request.method else None
            if names is not None:
                return view, names
        raise NotFoundError


def result_of(reply: Reply, more: Mapping[str, str] = MappingProxyType({})) -> Result:
    """The answer as the gateway takes it, with `more` headers."""
    headers = {name: [text] for name, text in (*reply.headers.items(), *more.items())}
    return {
        "statusCode": reply.status,
        "body": reply.body,
        "isBase64Encoded": False,
        "multiValueHeaders": headers,
    }


def _match(pattern: list[str], steps: list[str]) -> dict[str, str] | None:
    """The named segments; None where the path is another. No name stands for nothing."""
    if len(pattern) != len(steps):
        return None
    names: dict[str, str] = {}
    for expected, step in zip(pattern, steps, strict=True):
        if expected.startswith("<"):
            if not step:
                return None
            names[expected[1:-1]] = step
        elif expected != step:
            return None
    return names


def _cross_origin(origin: str | None) -> dict[str, str]:
    """What lets a page of one of the stage's origins read the answer; nothing for any other."""
    if origin not in settings.site().allowed_origins or origin is None:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}
