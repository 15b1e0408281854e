#!/usr/bin/env bash
# Fails when the committed description of the API, or the types made from it, are not those of the present code.
set -euo pipefail
cd "$(dirname "$0")/.."

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
types=src/api/generated/schema.d.ts

.venv/bin/python -m server.openapi "$state/openapi.json"
cmp -s "$state/openapi.json" frontend/openapi.json || {
    echo "frontend/openapi.json is out of date; run make client" >&2
    exit 1
}
cp "frontend/$types" "$state/schema.d.ts"
npm --prefix frontend run --silent client >/dev/null
cmp -s "$state/schema.d.ts" "frontend/$types" || {
    echo "frontend/$types was out of date and is now made anew; commit it" >&2
    exit 1
}
