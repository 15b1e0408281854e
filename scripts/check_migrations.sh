#!/usr/bin/env bash
# Fails when the models and the migrations disagree; works on a SQLite file of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export PALIMPSEST_HOME=$state PALIMPSEST_DATABASE_URL=sqlite:///$state/check.db

.venv/bin/alembic upgrade head
.venv/bin/alembic check
