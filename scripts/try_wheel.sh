#!/usr/bin/env bash
# Tries the wheel of dist/ as a lab uses it: in a virtual environment of its own, in an empty folder, without Node and without the clone.
# The dependencies are those of .venv, so nothing is downloaded. Fails unless `up` migrates and serves the page, and `demo` trains a tiny run.
set -euo pipefail
cd "$(dirname "$0")/.."

clone=$PWD
state=$(mktemp -d)
service=
trap 'status=$?; [ -z "$service" ] || kill "$service" 2>/dev/null || true; [ "$status" = 0 ] || tail -n 40 "$state"/*.log >&2; rm -rf "$state"' EXIT

site_packages() {
    "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}

# What runs in the empty folder, with nothing of this shell's environment.
installed=(env -i -C "$state/empty" PATH=/usr/bin:/bin HOME="$state/home" PALIMPSEST_PORT=0)
bin=$state/venv/bin

expect() {
    grep -qF -- "$2" <<<"$1" || { echo "expected $2, found: ${1:0:400}" >&2; exit 1; }
}

mkdir "$state/empty" "$state/home"
.venv/bin/python -m venv --without-pip "$state/venv"
.venv/bin/python -m pip --python "$bin/python" install --quiet --disable-pip-version-check --no-deps dist/palimpsest-*.whl
# Not before: else pip would find the installation of the clone, and take it away.
site_packages .venv/bin/python >"$(site_packages "$bin/python")/dependencies.pth"
"${installed[@]}" "$bin/python" -c 'import core, palimpsest, server, sys, worker
sys.exit(any(package.__file__.startswith(sys.argv[1] + "/") for package in (core, palimpsest, server, worker)))' "$clone"

"${installed[@]}" "$bin/palimpsest" up >"$state/up.log" 2>&1 &
service=$!
for _ in $(seq 300); do
    address=$(sed -nE 's/^Palimpsest is at (http[^;]*);.*/\1/p' "$state/up.log")
    [ -z "$address" ] || break
    kill -0 "$service" || exit 1
    sleep 0.2
done
[ -n "$address" ] || { echo "the service did not start within 60 s" >&2; exit 1; }
expect "$(curl -sS "$address/healthz")" '"ok"'
page=$(curl -sS -H 'Accept: text/html' "$address/")
expect "$page" '<div id="root">'
script=$(sed -nE 's#.*src="/(assets/[^"]+\.js)".*#\1#p' <<<"$page" | head -n 1)
expect "$(curl -sS -o /dev/null -w '%{http_code}' "$address/$script")" 200
expect "$("${installed[@]}" "$bin/palimpsest" migrate 2>&1)" 'up to date'
kill -TERM "$service"
wait "$service"
service=

cat >"$state/empty/tiny.yaml" <<'YAML'
method: eir
dataset: {world: objects, classes: 3, size_px: 32, train_images: 24, eval_images: 8}
stream: {kind: class_incremental, setting: overlap, steps: [[1, 2], [3]]}
config:
  model: {name: tiny}
  data: {crop_px: 32}
  optim: {lr_base: 0.01, lr_step: 0.01, batch_size: 4, iterations: 6}
  memory: {size: 4}
  init_new: random
YAML
"${installed[@]}" "$bin/palimpsest" demo tiny.yaml --exit >"$state/demo.log" 2>&1
expect "$(cat "$state/demo.log")" 'all classes'
echo "the wheel works: $(basename dist/palimpsest-*.whl)"
