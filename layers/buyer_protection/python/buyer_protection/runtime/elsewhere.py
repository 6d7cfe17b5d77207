"""What is no call of the table: preflights, other methods of a path (405), and paths that there are not (404).

One function answers it for both APIs; none of it reaches the functions of actions.
"""

from collections.abc import Mapping
from typing import Any

from buyer_protection.domain.actions import Caller, methods_of, row_path
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.headers import ANSWER_HEADERS
from buyer_protection.runtime import cross_origin


def answered(event: Mapping[str, Any]) -> dict[str, Any]:
    """204, 404 or 405 as API Gateway takes it. Raises SettingError."""
    methods = _methods(event)
    if methods and event["httpMethod"] == "OPTIONS":
        return cross_origin.preflight(event, methods)
    # Preflights are many and often cold: they load none of it.
    from buyer_protection.runtime import problems

    error = (
        problems.MethodNotAllowedError("This path does not have that method.") if methods else NotFoundError()
    )
    request_id = str((event.get("requestContext") or {}).get("requestId") or "unknown")
    problem = problems.problem_of(error, request_id)
    headers = {
        "Content-Type": problems.CONTENT_TYPE,
        "Cache-Control": "no-store",
        **ANSWER_HEADERS,
        **cross_origin.readable_everywhere(),
    }
    if methods:
        headers["Allow"] = ", ".join((*methods, "OPTIONS"))
    return {
        "statusCode": problem.status,
        "headers": headers,
        "body": problem.to_json(),
        "isBase64Encoded": False,
    }


def _methods(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The methods, at the API that was asked, of the path; none where there is no such path."""
    is_backend = (event.get("stageVariables") or {}).get("callers") == Caller.SYSTEM
    # A path of the document is given as the document writes it, any other by the parameter of the greedy one.
    path = row_path((event.get("pathParameters") or {}).get("proxy") or event["resource"])
    return methods_of(path, backend=is_backend) if path is not None else ()
