"""What an operator may set with `-c`, all at once where it goes together: each synthesis takes seconds."""

from __future__ import annotations

from typing import Final

IDENTITY: Final = "arn:aws:ses:eu-central-1:111111111111:identity/shop.example.com"
SIZES: Final = {
    "sweeper_concurrency": "7",
    "sweepers": "7",
    "sweep_concurrency": "16",
    "sweep_page": "500",
    "due_shards": "16",
    "due_shards_read": "32",
    "stream_batch": "200",
    "stream_lanes": "5",
    "queue_batch": "5",
    "queue_concurrency": "40",
    "audit_concurrency": "2",
}
MAILS: Final = {
    "mail_identity_arn": IDENTITY,
    "mail_sender": "disputes@mails.shop.example.com",
    "redress": "Ombud of the Market",
}
# Other accounts whose systems put events on the bus.
OTHERS: Final = ("222222222222", "333333333333")
SOURCES: Final = {
    "bus_accounts": ", ".join(OTHERS),
    "shop_sources": "acme.orders, acme.stores",
    "payment_sources": "acme.pay",
}
COPIES_ACCOUNT: Final = "444444444444"
COPY: Final = {
    "evidence_copy_arn": "arn:aws:s3:::evidence-copies",
    "evidence_copy_account": COPIES_ACCOUNT,
    "evidence_copy_key_arn": f"arn:aws:kms:eu-central-1:{COPIES_ACCOUNT}:key/0f9a",
}
API_CERTIFICATE: Final = "arn:aws:acm:eu-central-1:111111111111:certificate/0f9a"
DOMAIN: Final = {"api_domain": "api.shop.example.com", "api_certificate_arn": API_CERTIFICATE}
BASE_PATHS: Final = {"api_base_path": "protection", "api_backend_base_path": "protection-backend"}
SITE_CERTIFICATE: Final = "arn:aws:acm:us-east-1:111111111111:certificate/pages"
RUNBOOK: Final = "https://wiki.example.com/runbook"
SUBSCRIBERS: Final = {
    "pages_to": "https://oncall.example.com/in,oncall@shop.example.com",
    "tickets_to": "team@shop.example.com",
    "runbook_url": RUNBOOK,
}
FEDERATION: Final = {
    "oidc_issuer": "https://id.shop.example.com",
    "oidc_client_id": "buyer-protection",
    "oidc_secret": "shop/oidc",
    "user_id_claim": "shop_user_id",
}
OWN: Final = {
    **SIZES,
    **MAILS,
    **SOURCES,
    **COPY,
    **DOMAIN,
    **BASE_PATHS,
    **SUBSCRIBERS,
    **FEDERATION,
    "site_certificate_arn": SITE_CERTIFICATE,
    "signing_keys": "2",
    "user_pool_tier": "plus",
}
