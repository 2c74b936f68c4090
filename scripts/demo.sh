#!/usr/bin/env bash
# Installs Lumisift into .venv, fills its database with the demonstration, compares detectors on it, and serves it.
#   scripts/demo.sh            then open http://127.0.0.1:8000/ and stop it with Ctrl-C
#   scripts/demo.sh --check    does it all, asks every page, and leaves; exit code 0 when all was right
# PORT=8001 takes another port, PYTHON=/path/to/python3 another Python. Run again, it does nothing twice.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

check=no
case ${1:-} in
  "") ;;
  --check) check=yes ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
port=${PORT:-8000}
address=http://127.0.0.1:$port

started=()
stop() {
  trap - EXIT INT TERM
  local pid
  for pid in ${started[@]+"${started[@]}"}; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

prepare requirements.txt
"$python" - "$port" 2>/dev/null <<'PYTHON' || fail "port $port is taken or no port: PORT=$((port + 1)) scripts/demo.sh takes another"
import socket, sys
with socket.socket() as one:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", int(sys.argv[1])))
PYTHON

# Served to this machine only, so that everybody who reaches it may read.
export LUMISIFT_PUBLIC_READ=${LUMISIFT_PUBLIC_READ:-true}
"$python" manage.py migrate --verbosity 0
SECONDS=0
"$python" manage.py load_demo
echo "the demonstration is loaded ($SECONDS s)"

# One core is left for the worker and for loads; four processes are plenty for one machine's readers.
processes=$("$python" -c 'import os; print(max(1, min(4, (os.cpu_count() or 1) - 1)))')
"$python" -m uvicorn project.asgi:application --port "$port" --no-proxy-headers --log-level warning --workers "$processes" &
started+=($!)
"$python" manage.py worker &
started+=($!)
"$python" scripts/check_site.py "$address" --wait || fail "the site does not answer at $address"

if [ "$check" = yes ]; then
  "$python" scripts/check_site.py "$address"
  for pid in "${started[@]}"; do kill -0 "$pid" || fail "a process of the site ended"; done
  exit
fi
cat <<TEXT

  $address/            overview
  $address/compare/    which detector to trust on these data
  $address/api/docs/   the API

To sign in: .venv/bin/python manage.py createsuperuser, then $address/login/
Ctrl-C stops the site and its worker.
TEXT
wait -n || true
fail "a process of the site ended"
