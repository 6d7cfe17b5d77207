"""What every row of the one table has, and the process's one connection to it.

Nothing is read from the environment here; `configure` is called once, by the composition root.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute
from pynamodb.connection.base import Connection
from pynamodb.exceptions import AttributeNullError, DeleteError, PutError, PynamoDBException, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.attributes import CountAttribute
from buyer_protection.adapters.dynamodb.indexes import ByBuyer, ByDue, ByQueue, BySeller
from buyer_protection.adapters.dynamodb.service_data import prefer_layer_data
from buyer_protection.application.ports.errors import UNREADABLE, UnreadableRowError

SCHEMA_VERSION = 1
# How long DynamoDB may take for an answer. It is asked twice, and what people call has ten seconds in all: some of them
# are left to say so. In the background less: what is behind in the batch has to come to its turn.
_CONNECT_SECONDS = 1
_READ_SECONDS = 3.5
_READ_SECONDS_IN_BACKGROUND = 2
TTL_ATTRIBUTE = "expires_at"
_BATCH = 100
CONDITION_FAILED = "ConditionalCheckFailedException"

R = TypeVar("R", bound="Row")


def error_code(error: PynamoDBException) -> str | None:
    """DynamoDB's code for what went wrong; None where no answer came (PynamoDB's own property fails there)."""
    response = getattr(error.cause, "response", None) or {}
    code: str | None = response.get("Error", {}).get("Code")
    return code


class Row(Model):
    """What every row has. Reading through `Row` gives each row as its own class."""

    class Meta:
        table_name = ""
        region = ""
        host: str | None = None
        # Whether nobody waits for this process but a queue, a stream or a schedule.
        in_background = False
        connect_timeout_seconds = _CONNECT_SECONDS
        read_timeout_seconds: float = _READ_SECONDS
        # A transaction's own retries have a budget (`ports.retries`) that botocore knows nothing of.
        max_retry_attempts = 1
        # Hears of each row that cannot be read: its kind, and its key.
        on_unreadable: Callable[[str, str, str], None] | None = None

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    schema_version = CountAttribute(default_for_new=SCHEMA_VERSION)

    by_buyer = ByBuyer()
    by_seller = BySeller()
    by_queue = ByQueue()
    by_due = ByDue()

    # The next two use private members of PynamoDB, and are the only ones that do: docs/decisions/0031.

    @classmethod
    def connect_anew(cls) -> None:
        """Forget the connection to what `Meta` named before; subclasses find the one that the base holds."""
        Row._connection = None
        prefer_layer_data(Row._get_connection().connection.session)

    @classmethod
    def connection(cls) -> Connection:
        """The process's one connection; its session serves the other clients too."""
        return Row._get_connection().connection

    def put_if_new(self) -> None:
        """Write the row, unless there is one of its key already."""
        self.put_if(Row.pk.does_not_exist())

    def put_if(self, condition: Condition) -> bool:
        """Write the row whole; False where the condition does not hold for what is stored."""
        try:
            self.save(condition=condition)
        except PutError as error:
            if error_code(error) != CONDITION_FAILED:
                raise
            return False
        return True

    def change_if(self, condition: Condition, actions: list[Action]) -> bool:
        """Change the stored row of this key; False where the condition does not hold."""
        try:
            self.update(actions=actions, condition=condition)
        except UpdateError as error:
            if error_code(error) != CONDITION_FAILED:
                raise
            return False
        return True

    def remove_if(self, condition: Condition) -> bool:
        """Remove the stored row of this key; False where the condition does not hold."""
        try:
            self.delete(condition=condition)
        except DeleteError as error:
            if error_code(error) != CONDITION_FAILED:
                raise
            return False
        return True

    @classmethod
    def fetch(cls, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], "Row"]:
        """The rows that exist among these keys, by one consistent BatchGetItem (one per hundred keys)."""
        return {key: Row.from_raw_data(item) for key, item in cls.fetch_items(keys).items()}

    @classmethod
    def fetch_items(cls, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """The same as they are stored: a list must not fail as a whole for one row that cannot be read."""
        table, waiting = Row.Meta.table_name, list(dict.fromkeys(keys))
        items: dict[tuple[str, str], dict[str, Any]] = {}
        while waiting:
            asked: Any = [{"pk": pk, "sk": sk} for pk, sk in waiting[:_BATCH]]
            answer = Row.connection().batch_get_item(table, asked, consistent_read=True)
            for item in answer["Responses"].get(table, ()):
                items[item["pk"]["S"], item["sk"]["S"]] = item
            left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
            waiting = [(key["pk"]["S"], key["sk"]["S"]) for key in left] + waiting[_BATCH:]
        return items

    @classmethod
    def from_raw_data(cls: type[R], data: dict[str, Any]) -> R:
        """The row in an item, as its own class. Raises UnreadableRowError for one that this version cannot read, by
        its kind, its values or what it lacks; whoever is to hear of it has then done so."""
        try:
            return cls._read(data)
        except UNREADABLE as failure:
            pk, sk = (str(data.get(name, {}).get("S")) for name in ("pk", "sk"))
            cls.report_unreadable(_kind_of(data), pk, sk)
            raise UnreadableRowError(f"{pk} {sk}", _why_unreadable(cls, data)) from failure

    @classmethod
    def report_unreadable(cls, kind: str, pk: str, sk: str) -> None:
        """Have whoever is to hear of it hear of a row or an entry that cannot be read."""
        heard = Row.Meta.on_unreadable
        if heard is not None:
            heard(kind, pk, sk)

    @classmethod
    def _read(cls: type[R], data: dict[str, Any]) -> R:
        # Looks at what is stored only: PynamoDB's own way asks every attribute that a row could have, which for STATE
        # are three times as many.
        kinds: Any = Row.kind
        # A seller's counters are made by their first addition, which names no kind.
        own: type[R] = kinds.deserialize(data["kind"]["S"]) if "kind" in data else cls
        if not issubclass(own, cls):
            raise ValueError(f"a row of kind {own.__name__} is no {cls.__name__}")
        if not _needed(own) <= data.keys():
            raise ValueError(f"without {', '.join(_needed(own) - data.keys())}")
        attributes = own.get_attributes()
        row: R = own.__new__(own)
        row.attribute_values = {
            name: attributes[name].deserialize(attributes[name].get_value(value))
            for name, value in data.items()
            if name in attributes
        }
        return row

    def to_item(self) -> dict[str, dict[str, Any]]:
        """The item that the row is stored as. Raises AttributeNullError where something is missing."""
        attributes, values = self.get_attributes(), self.attribute_values
        for name, attribute in attributes.items():
            if not attribute.null and values.get(name) is None:
                raise AttributeNullError(name)
        return {
            name: {attributes[name].attr_type: attributes[name].serialize(value)}
            for name, value in values.items()
            if value is not None
        }

    @classmethod
    def collection(
        cls: type[R],
        pk: str,
        within: Condition | None = None,
        *,
        limit: int | None = None,
        newest_first: bool = False,
        is_of_many: bool = False,
        left_out: list[UnreadableRowError] | None = None,
        only: tuple[type["Row"], ...] | None = None,
    ) -> list[R]:
        """Rows of one item collection in the order of their sort keys, or the reverse; consistent, paged to the end or
        to `limit`.

        Kinds of rows that only newer code knows are left out: after a step back, what it wrote must not stop a case.
        With `is_of_many`, whose rows have nothing to do with each other, one that cannot be read is left out as well;
        with `left_out` it is too, and its error goes there, as those of unknown kinds do.
        `only` names the kinds that are read at all.
        """
        arguments = {"hash_key": pk, "range_key_condition": within, "consistent_read": True, "limit": limit}
        pages = _items(arguments | ({"scan_index_forward": False} if newest_first else {}))
        rows: list[R] = []
        for item in pages:
            if only is not None and _kind_of(item) not in _discriminators(only):
                continue
            if left_out is None and not is_known(item):
                continue
            try:
                rows.append(cls.from_raw_data(item))
            except UnreadableRowError as error:
                if left_out is not None:
                    left_out.append(error)
                elif not is_of_many:
                    raise
            if limit is not None and len(rows) == limit:
                break
        return rows

    @classmethod
    def items_of(cls, pk: str) -> list[dict[str, Any]]:
        """A whole item collection as it is stored, with what newer code alone can read; consistent."""
        return list(_items({"hash_key": pk, "consistent_read": True}))

    @classmethod
    def indexed(
        cls,
        index_name: str,
        hash_key: str,
        within: Condition | None = None,
        *,
        limit: int,
        forward: bool = True,
    ) -> Iterator[dict[str, str]]:
        """The key attributes of an index's entries, in order, page after page; `limit` is the size of a page."""
        arguments = {
            "hash_key": hash_key,
            "range_key_condition": within,
            "index_name": index_name,
            "limit": limit,
            "scan_index_forward": forward,
        }
        for item in _items(arguments):
            yield {name: value["S"] for name, value in item.items()}

    @classmethod
    def counted(cls, index_name: str, hash_key: str) -> int:
        """How many entries an index has under a key; as many units as reading them, and no bytes."""
        count = 0
        start: Mapping[str, Any] | None = None
        while True:
            answer = Row.connection().query(
                Row.Meta.table_name,
                hash_key,
                index_name=index_name,
                select="COUNT",
                exclusive_start_key=start,
            )
            count += int(answer["Count"])
            start = answer.get("LastEvaluatedKey")
            if not start:
                return count

    @classmethod
    def scanned_entries(
        cls, index_name: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[dict[str, str]], Mapping[str, Any] | None]:
        """One page of all entries of an index in its own order, and where the next page begins."""
        arguments: dict[str, Any] = {"index_name": index_name, "limit": limit, "exclusive_start_key": start}
        answer = Row.connection().scan(Row.Meta.table_name, **arguments)
        entries = [{name: value["S"] for name, value in item.items()} for item in answer["Items"]]
        return entries, answer.get("LastEvaluatedKey") or None

    @classmethod
    def scanned_index(
        cls, index_name: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[str], Mapping[str, Any] | None]:
        """The same as partition keys."""
        entries, further = cls.scanned_entries(index_name, limit=limit, start=start)
        return [entry["pk"] for entry in entries], further


def is_known(item: Mapping[str, Any]) -> bool:
    """Whether this version knows rows of the item's kind."""
    kinds: Any = Row.kind
    try:
        return "kind" not in item or "S" not in item["kind"] or bool(kinds.deserialize(item["kind"]["S"]))
    except ValueError:
        return False


def _kind_of(item: Mapping[str, Any]) -> str:
    """The kind that an item is of, where this version knows it: what else stands there may be anything."""
    stored = str(item.get("kind", {}).get("S"))
    return stored if is_known({"kind": {"S": stored}}) else "UNKNOWN"


@cache
def _discriminators(kinds: tuple[type[Row], ...]) -> frozenset[str]:
    """The words by which rows of these kinds are stored."""
    known: Any = Row.kind
    return frozenset(known.get_discriminator(kind) for kind in kinds)


@cache
def _needed(kind: type[Row]) -> frozenset[str]:
    """The attributes that every row of the kind has, from its first version on."""
    common = Row.get_attributes()
    return frozenset(name for name, it in kind.get_attributes().items() if not (it.null or name in common))


def _why_unreadable(kind: type[Row], item: Mapping[str, Any]) -> str:
    """Which attributes of an unreadable item are at fault, or that its kind is; nothing of what they hold."""
    if not is_known(item):
        return "its kind is unknown"
    kinds: Any = Row.kind
    own: type[Row] = kinds.deserialize(item["kind"]["S"]) if "S" in item.get("kind", {}) else kind
    attributes = own.get_attributes()
    wrong = (name for name in item.keys() & attributes.keys() if not _is_readable(attributes[name], item))
    said = {"without": sorted(_needed(own) - item.keys()), "unknown": sorted(wrong)}
    return "; ".join(f"{it} {', '.join(names)}" for it, names in said.items() if names) or "of another kind"


def _is_readable(attribute: Any, item: Mapping[str, Any]) -> bool:
    try:
        attribute.deserialize(attribute.get_value(item[attribute.attr_name]))
    except UNREADABLE:
        return False
    return True


def _items(arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # Model.query would add a filter on `kind`, which a KEYS_ONLY index does not have.
    start: Mapping[str, Any] | None = None
    while True:
        answer = Row.connection().query(Row.Meta.table_name, **arguments, exclusive_start_key=start)
        yield from answer["Items"]
        start = answer.get("LastEvaluatedKey")
        if not start:
            return


def configure(
    table_name: str,
    region: str,
    endpoint: str | None = None,
    *,
    in_background: bool = False,
    on_unreadable: Callable[[str, str, str], None] | None = None,
    due_shards: tuple[int, int] = (8, 8),
) -> None:
    """Name the table for this process. `endpoint` only where it is not the region's own; `in_background` where no
    person waits for what the process does. `on_unreadable` hears of each row that cannot be read (see `Row.Meta`);
    `due_shards` are those written and read (see `keys.DueShards`)."""
    keys.DueShards.written, keys.DueShards.read = due_shards
    Row.Meta.on_unreadable = on_unreadable
    Row.Meta.table_name = table_name
    Row.Meta.region = region
    Row.Meta.host = endpoint
    Row.Meta.in_background = in_background
    Row.Meta.read_timeout_seconds = _READ_SECONDS_IN_BACKGROUND if in_background else _READ_SECONDS
    Row.connect_anew()
