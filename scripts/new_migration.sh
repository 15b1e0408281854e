#!/usr/bin/env bash
# Drafts the next migration from what the models say more than the newest one: new_migration.sh "add run notes".
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${1:-}" ] || { echo 'say what it does: make migration m="add run notes"' >&2; exit 1; }

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export PALIMPSEST_HOME=$state PALIMPSEST_DATABASE_URL=sqlite:///$state/draft.db

count=$(find migrations/versions -name '*.py' | wc -l)
.venv/bin/alembic upgrade head
.venv/bin/alembic revision --autogenerate --rev-id "$(printf '%04d' $((count + 1)))" -m "$1"
