"""Starts MiniStack with the corrections this project needs. Runs in the emulator's own environment.
Each correction has a canary, tests/integration/test_emulator_*_canary.py, that fails once it is needless.

1. `TimeoutSecondsPath`: Step Functions lets a Task take its timeout from its input. MiniStack reads `TimeoutSeconds`
   only: a callback task would wait for a day. The task gets a copy of its definition with the number in it.
2. Execution environments: AWS gives every concurrent invocation a machine of its own. A process for each would be a
   hundred cold starts on one machine where a hundred cases wake together. A function has WORKERS_PER_FUNCTION
   processes here; other invocations wait for a free one. None of ours invokes itself.
3. What a restart loses: MiniStack saves how far each reader of a table's stream has come, but not the stream. After a
   restart that many new records would be skipped, unread. The stream is saved with the tables, and goes on. The mails
   that SES took are kept too, since people read them there.
4. Second factor: where a user pool asks for one, Cognito gives no token to who has not set one up or does not show it,
   and takes an answer only for a challenge that it handed out to that user and client, once, within three minutes.
   MiniStack gives tokens to who has none, takes any session, and its sign-in page asks for no code: the page of the
   wrapper has a field for it.
5. Attributes: Cognito lets a person change only what their client may write, and lets nobody sign up where only
   administrators create users. MiniStack lets anybody write anything.
6. Events' conditions: IAM knows the source and the type of the events that a call puts onto a bus. MiniStack never
   fills `events:source` and `events:detail-type`.
7. The API's document: API Gateway imports the gateway responses that stand in it, and a changed document into the API
   that is there. MiniStack drops the responses, and makes a new API of a changed document, at a new address.
8. Layers are mounted and imported once, not for each process (`shared_layers.py`, `forked_workers.py`).
9. Two processes can start at the same moment (`kept_sessions.py`).
"""

from __future__ import annotations

import base64
import copy
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

WORKERS_PER_FUNCTION = 4
WORKER_WAIT_SECONDS = 60.0
WORKER_POLL_SECONDS = 0.005
AS_PUBLISHED = "--as-published"
STREAM_STORES = ("_stream_records", "_stream_trimmed")
MAIL_STORES = ("_sent_emails",)
# What a document is imported into, each by the API's id.
DOCUMENT_STORES = ("_resources", "_authorizers_v1", "_gateway_responses")
CHALLENGE_SECONDS = 180.0
CODE_CHALLENGES = ("SOFTWARE_TOKEN_MFA", "MFA_SETUP")
CHALLENGE_OF, ASSOCIATE, VERIFY = (
    "_mfa_challenge_for_user",
    "_associate_software_token",
    "_verify_software_token",
)
SIGN_INS = (
    "_initiate_auth",
    "_admin_initiate_auth",
    "_respond_to_auth_challenge",
    "_admin_respond_to_auth_challenge",
)


def with_timeout_seconds(
    state: dict[str, Any], raw_input: Any, context: dict[str, Any], stepfunctions: Any
) -> dict[str, Any]:
    """The state's definition with `TimeoutSecondsPath` resolved into `TimeoutSeconds` (whole seconds).

    The path is read from the state's effective input. A value that is not a positive number fails the
    execution with `States.Runtime`, which no `Catch` sees: both as on AWS.
    """
    path = state.get("TimeoutSecondsPath")
    if path is None:
        return state
    effective_input = stepfunctions._apply_input_path(state, raw_input, context)
    seconds = stepfunctions._resolve_path_or_ctx(path, effective_input, context)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise stepfunctions._ExecutionError(
            "States.Runtime", f"TimeoutSecondsPath {path} must give a positive number, got {seconds!r}"
        )
    return {**state, "TimeoutSeconds": int(seconds)}


def resolve_timeout_paths(stepfunctions: Any) -> None:
    """Put correction 1 into the given `ministack.services.stepfunctions` module."""
    original = stepfunctions._execute_task

    def execute_task(state: dict[str, Any], raw_input: Any, execution: Any, context: dict[str, Any]) -> Any:
        resolved = with_timeout_seconds(state, raw_input, context, stepfunctions)
        return original(resolved, raw_input, execution, context)

    stepfunctions._execute_task = execute_task


def limit_workers(lambda_service: Any) -> None:
    """Put correction 2 into the given `ministack.services.lambda_svc` module.

    An invocation that finds no free process in WORKER_WAIT_SECONDS is throttled, as AWS would.
    """
    original = lambda_service.acquire_worker

    def acquire_worker(func_name: str, config: Any, code_zip: bytes, **options: Any) -> Any:
        options["max_concurrency"] = WORKERS_PER_FUNCTION
        deadline = time.monotonic() + WORKER_WAIT_SECONDS
        while True:
            worker, reason = original(func_name, config, code_zip, **options)
            if worker is not None or time.monotonic() > deadline:
                return worker, reason
            time.sleep(WORKER_POLL_SECONDS)

    lambda_service.acquire_worker = acquire_worker


def keep_over_restarts(service: Any, stores: Sequence[str]) -> None:
    """Put correction 3 into a service's module: its named stores are saved and restored with the rest of its state."""
    save, restore = service.get_state, service.load_persisted_state

    def get_state() -> dict[str, Any]:
        return {**save(), **{name: copy.deepcopy(getattr(service, name)) for name in stores}}

    def load_persisted_state(state: dict[str, Any]) -> None:
        restore(state)
        for name in stores:
            if name in state:
                getattr(service, name).update(state[name])

    service.get_state, service.load_persisted_state = get_state, load_persisted_state


@dataclass
class Challenge:
    """A challenge that was handed out: to whom, through which client, until when; `secret` once one was asked for."""

    name: str
    client_id: str
    user: Any
    until: float
    secret: str = ""


class SecondFactor:
    """Correction 4, over the `ministack.services.cognito` module: what `require_second_factor` puts into it."""

    def __init__(self, cognito: Any) -> None:
        self.cognito = cognito
        self.challenges: dict[str, Challenge] = {}
        self.published = {name: getattr(cognito, name) for name in (CHALLENGE_OF, ASSOCIATE, VERIFY)}

    def challenge_of(self, pool: Any, user: Any, pool_id: str, username: str) -> Any:
        """The published challenge, or a setup where the pool asks for a factor that the user does not have yet."""
        challenge = self.published[CHALLENGE_OF](pool, user, pool_id, username)
        if challenge is not None or not asks_for_code(pool):
            return challenge
        return {
            "ChallengeName": "MFA_SETUP",
            "Session": secrets.token_urlsafe(32),
            "ChallengeParameters": {
                "USER_ID_FOR_SRP": username,
                "MFAS_CAN_SETUP": json.dumps(["SOFTWARE_TOKEN_MFA"]),
            },
        }

    def answered(self, original: Callable[[Any], Any], data: Any) -> Any:
        """The published answer; a challenge in it is noted, and only one that was noted can be answered."""
        name = data.get("ChallengeName")
        if name in CODE_CHALLENGES and not self._is_awaited(data, name):
            return refused(self.cognito, "Invalid session for the user.")
        answer = original(data)
        if answer[0] != 200:
            return answer
        document = json.loads(answer[2])
        if name in CODE_CHALLENGES:
            del self.challenges[data["Session"]]
        if name == "NEW_PASSWORD_REQUIRED":
            pool, pool_id = self.cognito._pool_for_client(data["ClientId"])
            username = data["ChallengeResponses"]["USERNAME"]
            user = self.cognito._resolve_user(pool, username)[0]
            document = self.challenge_of(pool, user, pool_id, username) or document
        self._note(data, document)
        return self.cognito.json_response(document)

    def associate(self, data: Any) -> Any:
        """A new secret for the setup of the second factor that is under way."""
        challenge = self.challenges.get(str(data.get("Session")))
        if challenge is None:
            return self._by_access_token(ASSOCIATE, data)
        challenge.secret = base64.b32encode(secrets.token_bytes(20)).decode()
        return self.cognito.json_response({"SecretCode": challenge.secret, "Session": data["Session"]})

    def verify(self, data: Any) -> Any:
        """The secret is the user's once a code shows that they have it."""
        challenge = self.challenges.get(str(data.get("Session")))
        if challenge is None:
            return self._by_access_token(VERIFY, data)
        if not self.cognito._totp_matches(challenge.secret, data.get("UserCode")):
            return self.cognito.error_response_json("EnableSoftwareTokenMFAException", "Code mismatch", 400)
        factor = "SOFTWARE_TOKEN_MFA"
        challenge.user.update(_totp_secret=challenge.secret, _mfa_enabled=[factor], _preferred_mfa=factor)
        return self.cognito.json_response({"Status": "SUCCESS", "Session": data["Session"]})

    def _by_access_token(self, name: str, data: Any) -> Any:
        if not data.get("AccessToken"):
            return refused(self.cognito, "Invalid session for the user.")
        return self.published[name](data)

    def _is_awaited(self, data: Any, name: str) -> bool:
        """Whether that challenge was handed out to that user and client; a setup, once its secret was verified."""
        challenge = self.challenges.get(str(data.get("Session")))
        if challenge is None or time.monotonic() > challenge.until:
            return False
        pool, _ = self.cognito._pool_for_client(challenge.client_id)
        username = (data.get("ChallengeResponses") or {}).get("USERNAME")
        return (
            (challenge.name, challenge.client_id) == (name, data.get("ClientId"))
            and self.cognito._resolve_user(pool, username)[0] is challenge.user
            and bool(challenge.user.get("_totp_secret"))
        )

    def _note(self, data: Any, document: Any) -> None:
        if document.get("ChallengeName") not in CODE_CHALLENGES:
            return
        pool, _ = self.cognito._pool_for_client(data["ClientId"])
        user = self.cognito._resolve_user(pool, document["ChallengeParameters"]["USER_ID_FOR_SRP"])[0]
        self.challenges[document["Session"]] = Challenge(
            document["ChallengeName"], data["ClientId"], user, time.monotonic() + CHALLENGE_SECONDS
        )


def require_second_factor(cognito: Any) -> None:
    """Put correction 4 into the given `ministack.services.cognito` module."""
    factor = SecondFactor(cognito)
    for name in SIGN_INS:
        setattr(cognito, name, partial(factor.answered, getattr(cognito, name)))
    setattr(cognito, CHALLENGE_OF, factor.challenge_of)
    setattr(cognito, ASSOCIATE, factor.associate)
    setattr(cognito, VERIFY, factor.verify)
    ask_for_the_code_on_the_page(cognito)


def asks_for_code(pool: Any) -> bool:
    """Whether a user pool lets nobody in without a second factor."""
    return pool is not None and pool.get("MfaConfiguration") == "ON"


def ask_for_the_code_on_the_page(cognito: Any) -> None:
    """The sign-in page of a pool with a second factor: a field for the code, without which nobody is signed in."""
    page, authenticate, submit = (
        cognito._login_page_html,
        cognito._authenticate_hosted_ui_user,
        cognito.handle_login_submit,
    )
    field = (
        '<label for="code">Code of your authenticator</label>'
        '<input type="text" id="code" name="code" inputmode="numeric" autocomplete="one-time-code">'
    )
    sent = ContextVar("sent", default="")

    def login_page_html(client_id: str, *fields: Any, **more: Any) -> str:
        html = str(page(client_id, *fields, **more))
        pool, _ = cognito._pool_for_client(client_id)
        return html.replace("<button", f"{field}<button", 1) if asks_for_code(pool) else html

    def authenticate_user(pool: Any, username: str, password: str) -> Any:
        user, wrong = authenticate(pool, username, password)
        if wrong or not asks_for_code(pool) or cognito._totp_matches(user.get("_totp_secret"), sent.get()):
            return user, wrong
        return None, "Invalid code."

    def login_submit(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        sent.set(parse_qs((body or b"").decode("utf-8", "replace")).get("code", [""])[0])
        return submit(method, path, headers, body, query)

    cognito._login_page_html = login_page_html
    cognito._authenticate_hosted_ui_user = authenticate_user
    cognito.handle_login_submit = login_submit


def protect_attributes(cognito: Any) -> None:
    """Put correction 5 into the given `ministack.services.cognito` module."""
    update, sign_up = cognito._update_user_attributes, cognito._sign_up

    def update_user_attributes(data: Any) -> Any:
        claims = cognito._token_claims(data.get("AccessToken") or "") or {}
        pool, _ = cognito._pool_for_client(claims.get("client_id"))
        writable = pool and pool["_clients"][claims["client_id"]].get("WriteAttributes")
        names = {attribute["Name"] for attribute in data.get("UserAttributes", [])}
        # Without a list, a client may write all that is not the pool's own.
        unwritable = names - set(writable) if writable else {it for it in names if it.startswith("custom:")}
        if unwritable:
            return refused(cognito, "A client attempted to write unauthorized attribute")
        return update(data)

    def sign_up_by_oneself(data: Any) -> Any:
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        if pool and (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
            return refused(cognito, "SignUp is not permitted for this user pool")
        return sign_up(data)

    cognito._update_user_attributes, cognito._sign_up = update_user_attributes, sign_up_by_oneself


def know_what_is_published(iam_actions: Any) -> None:
    """Put correction 6 into the given `ministack.core.iam_actions` module."""
    original = iam_actions.request_tag_context

    def context(service: str, iam_action: str, body: bytes, params: Any) -> dict[str, Any]:
        known = dict(original(service, iam_action, body, params))
        if iam_action == "events:PutEvents":
            entries = json.loads(body or b"{}").get("Entries", [])
            for key, name in (("events:source", "Source"), ("events:detail-type", "DetailType")):
                values = sorted({str(entry.get(name, "")) for entry in entries})
                known[key] = values[0] if len(values) == 1 else values
        return known

    iam_actions.request_tag_context = context


def import_whole_documents(apigateway: Any, resource_handlers: dict[str, Any]) -> None:
    """Put correction 7 into the `ministack.services.apigateway_v1` module and the handlers of its CloudFormation."""
    import_published = apigateway._import_rest_api
    handler = resource_handlers["AWS::ApiGateway::RestApi"]
    update_published = handler["update"]

    def import_rest_api(document: Any, settings: Any = None) -> str:
        api_id = str(import_published(document, settings))
        for kind, response in document.get("x-amazon-apigateway-gateway-responses", {}).items():
            apigateway._put_gateway_response(api_id, kind, response)
        return api_id

    def update(api_id: str, old: Any, new: Any, *stack: Any, **more: Any) -> Any:
        document = new.get("Body")
        if isinstance(document, dict) and document != old.get("Body"):
            made = import_rest_api(document)
            for parts in (getattr(apigateway, name) for name in DOCUMENT_STORES):
                parts[api_id] = parts.pop(made)
            apigateway._delete_rest_api(made)
            old = {**old, "Body": document}
        return update_published(api_id, old, new, *stack, **more)

    apigateway._import_rest_api, handler["update"] = import_rest_api, update


def refused(cognito: Any, reason: str) -> Any:
    """Cognito's answer to what is not allowed."""
    return cognito.error_response_json("NotAuthorizedException", reason, 400)


def serve_pages(cloudfront: Any) -> None:
    """The pages at the port after the emulator's, which is no correction: AWS has names and certificates for it."""
    from local.site import serve

    def domain() -> str | None:
        return next((str(it["DomainName"]) for it in reversed([*cloudfront._distributions.values()])), None)

    port = int(os.environ["GATEWAY_PORT"])
    serve(port + 1, port, domain)


def main(arguments: list[str]) -> None:
    """Run the emulator in the foreground until SIGTERM; `--as-published` leaves the corrections out."""
    # This file is started by its path, in an environment that knows nothing of the checkout.
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    from ministack.app import main as run_emulator
    from ministack.core import iam_actions, lambda_runtime
    from ministack.services import (
        apigateway_v1,
        cloudfront,
        cognito,
        dynamodb,
        lambda_svc,
        ses,
        stepfunctions,
        sts,
    )
    from ministack.services.cloudformation import provisioners

    from local import forked_workers, kept_sessions, shared_layers

    if AS_PUBLISHED not in arguments:
        resolve_timeout_paths(stepfunctions)
        limit_workers(lambda_svc)
        keep_over_restarts(dynamodb, STREAM_STORES)
        keep_over_restarts(ses, MAIL_STORES)
        require_second_factor(cognito)
        protect_attributes(cognito)
        know_what_is_published(iam_actions)
        import_whole_documents(apigateway_v1, provisioners._RESOURCE_HANDLERS)
        shared_layers.share_layers(lambda_runtime)
        forked_workers.fork_workers(lambda_runtime)
        kept_sessions.keep_sessions(sts)
    serve_pages(cloudfront)
    forked_workers.leave_alone_what_stays()
    sys.argv = sys.argv[:1]  # The emulator reads the command line too.
    run_emulator()


if __name__ == "__main__":
    main(sys.argv[1:])
