"""The shop's backend as a caller: every call signed with AWS Signature Version 4 (docs/identity.md)."""

from __future__ import annotations

import os
from collections.abc import Generator

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from buyer_protection_client import AuthenticatedClient


class Signature(httpx.Auth):
    """Signs each request of a client with the credentials of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the signature where the client has put an empty token."""
        credentials = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
        signed = AWSRequest(
            request.method, str(request.url), {"Host": request.headers["Host"]}, request.content
        )
        SigV4Auth(credentials, "execute-api", os.environ["AWS_REGION"]).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request


def backend() -> AuthenticatedClient:
    """The backend's API; its address is another than that of people's."""
    return AuthenticatedClient(
        base_url=os.environ["BACKEND_API_URL"], token="", httpx_args={"auth": Signature()}
    )
