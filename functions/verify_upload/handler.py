"""Consumer of the uploads' queue: what S3 and the malware scanner report of evidence files (R22, R26).

Takes messages whose body is an event of EventBridge, and answers with those that failed, which come again.
"""

from typing import Any

import msgspec

from buyer_protection.application.workers.uploads import upload_of, verify_upload
from buyer_protection.composition import container
from buyer_protection.runtime import settings
from buyer_protection.runtime.observability import log_failure, worker


@worker("verify_upload")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Verify or refuse each upload."""
    return {"batchItemFailures": [failed for message in event["Records"] for failed in _from_queue(message)]}


def _from_queue(message: dict[str, Any]) -> list[dict[str, str]]:
    try:
        upload = upload_of(msgspec.json.decode(message["body"]))
        if upload is not None:
            scanning = settings.evidence().malware_scanning
            verify_upload(container.get().context, container.get().evidence_files, upload, scanning=scanning)
    except Exception as failure:  # noqa: BLE001 - one file keeps no other's back; the queue tries again
        log_failure("verify_upload", failure, {"message_id": message["messageId"]})
        return [{"itemIdentifier": message["messageId"]}]
    return []
