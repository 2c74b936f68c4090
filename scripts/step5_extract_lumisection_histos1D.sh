#!/usr/bin/env bash
# Step 5: 1D histograms of lumisections.
#   scripts/step5_extract_lumisection_histos1D.sh DIR… [options of discover_histos]    what is new in these folders
#   scripts/step5_extract_lumisection_histos1D.sh FILE… --dataset ZeroBias [options of load_histos]
#   scripts/step5_extract_lumisection_histos1D.sh     what is new in $LUMISIFT_DATA_DIR/lumisection_histos1D
# Run it, or source it from the folder scripts or the one above (bash, zsh, sh): all of it happens in a process of its
# own, so that the calling shell keeps its folder, options, variables and traps, and lives on. The exit code is left in $?.
(
  for place in "$(dirname -- "${BASH_SOURCE:-$0}")" . scripts; do
    if [ -f "$place/run_step.sh" ]; then exec bash "$place/run_step.sh" lumisection_histos1D "$@"; fi
  done
  echo "step5_extract_lumisection_histos1D.sh: source it from the folder scripts, or run it" >&2
  exit 1
)
