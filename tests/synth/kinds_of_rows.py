"""The kinds of rows that the functions' roles reach: what each statement about the table says of partition keys."""

from collections.abc import Iterator

from tests.synth.assembly import Synthesis, listed

# Whatever the keys of a call are, all of them must be of these kinds.
ALL_OF_THEM = "ForAllValues:StringLike"
KEYS = "dynamodb:LeadingKeys"


def kinds_of_rows(synthesis: Synthesis) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(function, action, kinds of partition keys) of every right to rows of the table; AssertionError for a right that
    names none. A right to an index or to the stream is none to rows."""
    for name, function in synthesis.functions().items():
        role = synthesis.resources[function["Properties"]["Role"]["Fn::GetAtt"][0]]
        for policy in role["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = [one for one in listed(statement["Action"]) if one.startswith("dynamodb:")]
                resources = [synthesis.readable(one) for one in listed(statement["Resource"])]
                if actions and any(_is_table(one) for one in resources):
                    assert len(resources) == 1, name
                    assert set(statement["Condition"]) == {ALL_OF_THEM}, name
                    assert set(statement["Condition"][ALL_OF_THEM]) == {KEYS}, name
                    kinds = tuple(listed(statement["Condition"][ALL_OF_THEM][KEYS]))
                    for action in actions:
                        yield name, action, kinds


def _is_table(resource: str) -> bool:
    return resource.endswith("CasesTable.Arn")
