# Sourced by the pages of this folder (bash): the stack's addresses, three people's tokens, an order and its dispute.
STACK=${STACK:-.local/stack.json}
value() { python3 -c 'import functools, json, sys
print(functools.reduce(lambda found, name: found[name], sys.argv[2:], json.load(open(sys.argv[1]))))' "$STACK" "$@"; }
sign_in() { PYTHONPATH=. .local/venv/bin/python -m local.sign_in "$STACK" "$1"; }
member() { python3 -c 'import functools, json, sys
print(functools.reduce(lambda found, name: found[int(name) if name.isdigit() else name], sys.argv[1:], json.load(sys.stdin)))' "$@"; }

API=$(value api_url) BUYER=$(sign_in buyer) SELLER=$(sign_in seller) MANAGER=$(sign_in case_manager)
ORDER=order-$RANDOM$RANDOM

curl -s -o /dev/null -X PUT "$API/v1/orders/$ORDER" -H 'Content-Type: application/json' \
  --aws-sigv4 "aws:amz:$(value region):execute-api" \
  --user "$(value backend access_key_id):$(value backend secret_access_key)" \
  -d "{\"buyer_id\": \"$(value people buyer sub)\", \"seller_id\": \"$(value people seller sub)\",
       \"buyer\": {\"email\": \"buyer@example.com\", \"name\": \"Ana\"},
       \"seller\": {\"email\": \"seller@example.com\", \"name\": \"Lamp Shop\"},
       \"currency\": \"USD\", \"guaranteed_delivery_days\": 5, \"completion_at\": \"2099-01-01T00:00:00Z\",
       \"items\": [{\"item_id\": \"lamp\", \"title\": \"Desk lamp\", \"quantity\": 1, \"amount_minor\": 4990}],
       \"placed_at\": \"2026-01-01T00:00:00Z\",
       \"shipments\": [{\"shipment_id\": \"parcel-1\", \"carrier\": \"Post\", \"tracking_number\": \"RX123\",
                      \"shipped_at\": \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"}]}"

DISPUTE=$(curl -s "$API/v1/disputes" -H "Authorization: Bearer $BUYER" -H 'Content-Type: application/json' \
  -H "Idempotency-Key: open-$ORDER-once" \
  -d "{\"order_id\": \"$ORDER\", \"reason\": \"NOT_AS_DESCRIBED\", \"description\": \"The lamp is red, not blue.\",
       \"requested_refund\": {\"amount_minor\": 4990, \"currency\": \"USD\"}}" | member dispute_id)
