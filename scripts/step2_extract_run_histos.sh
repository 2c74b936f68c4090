#!/usr/bin/env bash
# Step 2: histograms and moments of whole runs.
#   scripts/step2_extract_run_histos.sh DIR… [options of discover_histos]    what is new in these folders
#   scripts/step2_extract_run_histos.sh FILE… --dataset ZeroBias [options of load_histos]
#   scripts/step2_extract_run_histos.sh                                      what is new in $LUMISIFT_DATA_DIR/run_histos
# Run it, or source it from the folder scripts or the one above (bash, zsh, sh): all of it happens in a process of its
# own, so that the calling shell keeps its folder, options, variables and traps, and lives on. The exit code is left in $?.
(
  for place in "$(dirname -- "${BASH_SOURCE:-$0}")" . scripts; do
    if [ -f "$place/run_step.sh" ]; then exec bash "$place/run_step.sh" run_histos "$@"; fi
  done
  echo "step2_extract_run_histos.sh: source it from the folder scripts, or run it" >&2
  exit 1
)
