"""Consumer of the uploads' queue: what S3 and the malware scanner report of evidence files (R22, R26).

Takes messages whose body is an event of EventBridge, and answers with those that failed, which come again.
"""

from typing import Any

import msgspec

from buyer_protection.application.workers.uploads import Verdict, upload_of, verify_upload
from buyer_protection.composition import container
from buyer_protection.runtime import settings
from buyer_protection.runtime.observability import log, worker
from buyer_protection.runtime.queues import process_messages


@worker("verify_upload")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Verify or refuse each upload."""
    return process_messages("verify_upload", event, _verify)


def _verify(body: str, _ids: dict[str, object]) -> None:
    upload = upload_of(msgspec.json.decode(body))
    if upload is not None:
        scanning = settings.evidence().malware_scanning
        used = container.get()
        verdict = verify_upload(used.context, used.evidence_files, used.pictures, upload, scanning=scanning)
        if verdict is Verdict.NO_COPY:
            # The other side cannot be given it, and only a person can do anything about it.
            log("verify_upload", {"action": "verify_upload", "outcome": verdict, **upload.place._asdict()})
