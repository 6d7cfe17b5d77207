"""Consumer of the uploads' queue: what S3 and the malware scanner report of evidence files (R22, R26).

Takes messages whose body is an event of EventBridge, and answers with those that failed, which come again.
"""

from typing import Any

import msgspec

from buyer_protection.application.workers.uploads import upload_of, verify_upload
from buyer_protection.composition import container
from buyer_protection.runtime import settings
from buyer_protection.runtime.observability import worker
from buyer_protection.runtime.queues import process_messages


@worker("verify_upload")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Verify or refuse each upload."""
    return process_messages("verify_upload", event, _verify)


def _verify(body: str, _ids: dict[str, object]) -> None:
    upload = upload_of(msgspec.json.decode(body))
    if upload is not None:
        scanning = settings.evidence().malware_scanning
        verify_upload(container.get().context, container.get().evidence_files, upload, scanning=scanning)
