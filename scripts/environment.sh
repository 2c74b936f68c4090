# Sourced by the two set-up commands: `prepare FILE` makes .venv hold what the requirements file FILE asks for,
# in no time when it does already. Works from any folder, with any HOME.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
python=.venv/bin/python

fail() {
  echo "$(basename "$0"): $1" >&2
  exit 1
}

# The first Python on the path that is new enough; PYTHON names another.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "needs Python 3.11 or newer; found ${PYTHON:-$(python3 --version 2>/dev/null || echo none)} (PYTHON=/path/to/python3 names one)"
}

make_venv() {
  local base
  base=$(find_python)
  "$base" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$base cannot make a virtual environment: install python3-venv (apt-get install python3-venv)"
  rm -rf .venv
  echo "making .venv with $("$base" --version)"
  "$base" -m venv .venv
}

prepare() {
  local file=$1 stamp=.venv/.installed-$1 wanted
  { [ -x "$python" ] && "$python" -c 'import pip' 2>/dev/null; } || make_venv
  wanted=$(cat requirements*.txt | cksum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "installing $file (once; about half a minute with a quick network)"
    # --no-deps: the list is complete, and leaves out what two packages ask for and nobody calls.
    "$python" -m pip install --quiet --no-compile --no-deps -r "$file" || fail "the installation failed"
    echo "$wanted" >"$stamp"
  fi
}
