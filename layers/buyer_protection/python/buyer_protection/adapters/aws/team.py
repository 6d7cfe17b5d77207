"""The team's user pool (port `Team`)."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from buyer_protection.adapters.aws.clients import client
from buyer_protection.application.ports.team import Member

_PAGE = 60
# How long names are kept, in seconds, and how long the pool is not asked for them again where it failed.
NAMES_SECONDS = 300.0
LONGEST_NAME = 100


class CognitoTeam:
    """Asks Cognito anew who is a member: membership that was kept would outlast a removal. Names alone are kept."""

    def __init__(self, pool_id: str, group: str) -> None:
        self._pool_id, self._group = pool_id, group
        self._names: Mapping[str, str] = {}
        self._names_until = 0.0

    def has_member(self, person_id: str) -> bool:
        """See `Team.has_member`."""
        person = {"UserPoolId": self._pool_id, "Username": person_id}
        try:
            return bool(client("cognito-idp").admin_get_user(**person)["Enabled"]) and self._is_in_group(
                person
            )
        except ClientError as error:
            # A name that no user could have is refused before it is looked up.
            if error.response["Error"]["Code"] in ("UserNotFoundException", "InvalidParameterException"):
                return False
            raise

    def members(self) -> Sequence[Member]:
        """See `Team.members`."""
        return sorted(_member(user) for user in self._users() if user["Enabled"])

    def names(self) -> Mapping[str, str]:
        """See `Team.names`."""
        if time.monotonic() >= self._names_until:
            try:
                everybody = map(_member, self._users())
                self._names = {one.member_id: one.name for one in everybody if one.name is not None}
            except (BotoCoreError, ClientError):
                # A page without names is better than no page; those that are known stay.
                pass
            self._names_until = time.monotonic() + NAMES_SECONDS
        return self._names

    def _users(self) -> Iterator[dict[str, Any]]:
        asked = {"UserPoolId": self._pool_id, "GroupName": self._group, "Limit": _PAGE}
        while True:
            page = client("cognito-idp").list_users_in_group(**asked)
            yield from page["Users"]
            if "NextToken" not in page:
                return
            asked["NextToken"] = page["NextToken"]

    def _is_in_group(self, person: dict[str, Any]) -> bool:
        asked = {**person, "Limit": _PAGE}
        while True:
            page = client("cognito-idp").admin_list_groups_for_user(**asked)
            if any(group["GroupName"] == self._group for group in page["Groups"]):
                return True
            if "NextToken" not in page:
                return False
            asked["NextToken"] = page["NextToken"]


def _member(user: dict[str, Any]) -> Member:
    given = {one["Name"]: one["Value"] for one in user["Attributes"]}
    return Member(str(given["sub"]), str(given.get("name", "")).strip()[:LONGEST_NAME] or None)
