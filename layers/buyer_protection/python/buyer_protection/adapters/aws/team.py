"""The team's user pool (port `Team`)."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from buyer_protection.adapters.aws.clients import client

_PAGE = 60


class CognitoTeam:
    """Asks Cognito anew at every call: membership that was kept would outlast a removal."""

    def __init__(self, pool_id: str, group: str) -> None:
        self._pool_id, self._group = pool_id, group

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

    def members(self) -> Sequence[str]:
        """See `Team.members`."""
        asked = {"UserPoolId": self._pool_id, "GroupName": self._group, "Limit": _PAGE}
        found: list[str] = []
        while True:
            page = client("cognito-idp").list_users_in_group(**asked)
            found += [_sub_of(user) for user in page["Users"] if user["Enabled"]]
            if "NextToken" not in page:
                return sorted(found)
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


def _sub_of(user: dict[str, Any]) -> str:
    return str(next(one["Value"] for one in user["Attributes"] if one["Name"] == "sub"))
