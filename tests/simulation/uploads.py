"""Files of evidence: their owners upload them, mostly the right ones, and a queue brings them to be verified."""

import hashlib
from random import Random
from typing import TYPE_CHECKING

from buyer_protection.application.ports.evidence_files import FilePlace
from buyer_protection.application.schemas.requests import FileModel
from buyer_protection.application.workers.uploads import Upload, verify_upload
from buyer_protection.domain.enums import MediaType
from buyer_protection.domain.evidence_item import Evidence
from tests.simulation.faults import Kind
from tests.simulation.surroundings import PATIENT_VISIBILITY, RECEIVES_IN_AN_OUTAGE, late, survives

if TYPE_CHECKING:
    from tests.simulation.life import Life

# As long as a link lives: an upload that has begun by then may end a little later.
LINK_SECONDS = 330


def content_of(name: str) -> bytes:
    """What is in the file of that name."""
    return b"\x89PNG\r\n\x1a\n" + name.encode()


def photo(dice: Random) -> FileModel:
    """A file as its owner describes it."""
    name = f"photo{dice.randrange(10_000)}.png"
    content = content_of(name)
    return FileModel(name, MediaType.PNG, len(content), hashlib.sha256(content).hexdigest())


class Uploads:
    """The parties' browsers, the bucket's events, and the queue in front of the function that verifies."""

    def __init__(self, life: "Life", dice: Random) -> None:
        self._life, self._dice = life, dice

    def expected(self, dispute_id: str, item: Evidence) -> None:
        """An item waits for its files: mostly they come."""
        for file in item.files:
            if self._dice.random() < 0.9:
                place = FilePlace(dispute_id, item.evidence_id, file.file_id)
                wrong = self._dice.random() < 0.15
                content = b"not a picture" if wrong else content_of(file.name)
                pause = self._dice.uniform(0.5, LINK_SECONDS)
                self._life.schedule.plan_in(pause, "upload", lambda p=place, c=content: self._upload(p, c))

    def _upload(self, place: FilePlace, content: bytes) -> None:
        version_id = self._life.world.files.upload(place.key, content)
        self._bring(Upload(place, version_id), self._dice.uniform(0.1, 3))

    def _bring(self, upload: Upload, seconds: float, received: int = 1) -> None:
        self._life.schedule.plan_in(seconds, "upload queue", lambda: self._receive(upload, received))

    def _receive(self, upload: Upload, received: int) -> None:
        fault = self._life.gate.delivery("upload queue") if received == 1 else None
        if fault is not None and fault.kind is not Kind.DUPLICATE:
            self._bring(upload, late(fault), 2)
            return
        for _ in range(2 if fault else 1):
            with self._life.gate.running("uploads"):
                taken = survives(
                    lambda: verify_upload(
                        self._life.api, self._life.files, self._life.world.pictures, upload, scanning=False
                    )
                )
            if not taken and received < RECEIVES_IN_AN_OUTAGE:
                self._bring(upload, PATIENT_VISIBILITY, received + 1)
