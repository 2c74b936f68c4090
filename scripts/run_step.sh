#!/usr/bin/env bash
# What the step scripts and nightly.sh run, each in a process of its own: run_step.sh KIND [arguments]
set -euo pipefail

kind=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$here")
data=${LUMISIFT_DATA_DIR:-$top/data}
python=${PYTHON:-$top/.venv/bin/python}
if [ -z "${PYTHON:-}" ] && [ ! -x "$python" ]; then python=python3; fi

manage() { "$python" "$top/manage.py" "$@"; }

# Whether a service is to be asked: --since or --runs is among the arguments.
asks() {
  local one
  for one in "$@"; do
    case $one in --since | --since=* | --runs | --runs=*) return 0 ;; esac
  done
  return 1
}

# What there is to load when no argument says it, or a word about where it is looked for.
nothing() {
  echo "$kind: nothing to load in $data/$kind; name files, or another folder with LUMISIFT_DATA_DIR" >&2
}

# load COMMAND FETCH [arguments]: files to COMMAND, --since and --runs to FETCH.
load() {
  local command=$1 fetch=$2 files
  shift 2
  if asks "$@"; then
    manage "$fetch" "$@"
  elif [ $# -gt 0 ]; then
    manage "$command" "$@"
  else
    shopt -s nullglob
    files=("$data/$kind"/*.*)
    if [ ${#files[@]} -eq 0 ]; then nothing; else manage "$command" "${files[@]}"; fi
  fi
}

# Folders to discover_histos, files to load_histos.
histos() {
  if [ $# -eq 0 ] && [ ! -d "$data/$kind" ]; then
    nothing
  elif [ $# -eq 0 ]; then
    manage discover_histos "$data/$kind" --now
  elif [ -d "$1" ]; then
    manage discover_histos "$@" --now
  else
    manage load_histos "$@"
  fi
}

say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"; }

# attempt COMMAND [arguments]: says how it ended, and remembers when it failed.
attempt() {
  say "$* begins"
  if manage "$@"; then say "$1 done"; else
    say "$1 failed ($?)"
    failed=1
  fi
}

nightly() {
  local one folders=() since=${LUMISIFT_NIGHTLY_SINCE:-last}
  failed=0
  for one in ${LUMISIFT_NIGHTLY:-oms runregistry histos}; do
    case $one in
      oms) attempt fetch_oms --since "$since" ;;
      runregistry) attempt fetch_runregistry --since "$since" ;;
      histos)
        for kind in run_histos lumisection_histos1D lumisection_histos2D; do
          if [ -d "$data/$kind" ]; then folders+=("$data/$kind"); fi
        done
        if [ ${#folders[@]} -gt 0 ]; then attempt discover_histos "${folders[@]}" --now; fi
        ;;
      *)
        echo "nightly: LUMISIFT_NIGHTLY names $one, expected oms, runregistry or histos" >&2
        failed=1
        ;;
    esac
  done
  return $failed
}

case $kind in
  runs | lumisections) load load_runs fetch_oms "$@" ;;
  certifications) load load_certifications fetch_runregistry "$@" ;;
  run_histos | lumisection_histos1D | lumisection_histos2D) histos "$@" ;;
  nightly) exec "$python" "$here/alone.py" "${LUMISIFT_LOCK:-$top/.nightly.lock}" nightly bash "$here/run_step.sh" at_night ;;
  at_night) nightly ;;
  *)
    echo "run_step.sh: no step is called $kind" >&2
    exit 2
    ;;
esac
