#!/usr/bin/env bash
# Installs what the tests need into .venv, lints, and tests on SQLite and on a PostgreSQL of its own.
#   scripts/test.sh                 everything
#   scripts/test.sh tests/histos    only these tests, on both databases
# LUMISIFT_EXAMPLES=200 makes up as many requests for each operation of the API (10 without it).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

prepare requirements-dev.txt
# Settings of the site must not reach its tests.
for name in $(compgen -e | grep -E '^(DJANGO_|LUMISIFT_|DATABASE_URL)' | grep -vE '^LUMISIFT_(REAL_DATA|EXAMPLES|CHROMIUM)$' || true); do unset "$name"; done
# Containers often set this; each of the many processes of the tests would compile all it imports again.
unset PYTHONDONTWRITEBYTECODE
export LUMISIFT_ENV_FILE=/dev/null DJANGO_SECRET_KEY=only-for-tests-where-nothing-is-secret-7c1d9e52b84f PYTHONPATH=$top
bin=.venv/bin

step() {
  echo "--- $1"
  shift
  "$@"
}

if [ $# -eq 0 ]; then
  step "ruff" "$bin/ruff" check .
  step "ruff format" "$bin/ruff" format --check .
  step "mypy" "$bin/mypy"
  step "imports" "$bin/lint-imports" --no-cache
  step "system checks" "$python" manage.py check --fail-level WARNING
  step "migrations" "$python" manage.py makemigrations --check --dry-run
  step "OpenAPI" "$python" manage.py spectacular --validate --fail-on-warn --file /dev/null
fi
pytest=("$python" -m pytest --numprocesses 2 --dist loadfile)
step "tests on SQLite" "${pytest[@]}" "$@"
# 5: none of the chosen tests concerns PostgreSQL.
step "tests on PostgreSQL" "$python" scripts/with_postgres.py "${pytest[@]}" -m "not sqlite_only" "$@" || [ $? -eq 5 ]
