#!/usr/bin/env bash
# Step 1: runs and fills, from files or from OMS.
#   scripts/step1_extract_runs.sh FILE… [options of load_runs]     saved OMS answers, columnar files, run-level CSV
#   scripts/step1_extract_runs.sh --since 2024-06-01               asks OMS (also --runs FIRST LAST, --since last)
#   scripts/step1_extract_runs.sh                                  the files in $LUMISIFT_DATA_DIR/runs (default: data)
# Run it, or source it from the folder scripts or the one above (bash, zsh, sh): all of it happens in a process of its
# own, so that the calling shell keeps its folder, options, variables and traps, and lives on. The exit code is left in $?.
(
  for place in "$(dirname -- "${BASH_SOURCE:-$0}")" . scripts; do
    if [ -f "$place/run_step.sh" ]; then exec bash "$place/run_step.sh" runs "$@"; fi
  done
  echo "step1_extract_runs.sh: source it from the folder scripts, or run it" >&2
  exit 1
)
