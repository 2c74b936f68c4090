#!/usr/bin/env bash
# Step 6: maps (2D histograms) of lumisections.
#   scripts/step6_extract_lumisection_histos2D.sh DIR… [options of discover_histos]    what is new in these folders
#   scripts/step6_extract_lumisection_histos2D.sh FILE… --dataset ZeroBias [options of load_histos]
#   scripts/step6_extract_lumisection_histos2D.sh     what is new in $LUMISIFT_DATA_DIR/lumisection_histos2D
# Run it, or source it from the folder scripts or the one above (bash, zsh, sh): all of it happens in a process of its
# own, so that the calling shell keeps its folder, options, variables and traps, and lives on. The exit code is left in $?.
(
  for place in "$(dirname -- "${BASH_SOURCE:-$0}")" . scripts; do
    if [ -f "$place/run_step.sh" ]; then exec bash "$place/run_step.sh" lumisection_histos2D "$@"; fi
  done
  echo "step6_extract_lumisection_histos2D.sh: source it from the folder scripts, or run it" >&2
  exit 1
)
