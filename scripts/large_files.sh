#!/usr/bin/env bash
# Names each given file that is larger than 1 MB; what is large belongs into a dataset or an artifact.
set -euo pipefail

status=0
for file in "$@"; do
    bytes=$(stat -c %s "$file")
    if [ "$bytes" -gt 1000000 ]; then
        echo "$file has $bytes bytes; at most 1000000 are committed" >&2
        status=1
    fi
done
exit "$status"
