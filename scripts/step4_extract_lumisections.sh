#!/usr/bin/env bash
# Step 4: lumisections, from files or from OMS.
#   scripts/step4_extract_lumisections.sh FILE… [options of load_runs]    OMS answers and columns, brilcalc CSV, rates
#   scripts/step4_extract_lumisections.sh --since 2024-06-01              asks OMS for what is not known yet
#   scripts/step4_extract_lumisections.sh                                 the files in $LUMISIFT_DATA_DIR/lumisections
# Run it, or source it from the folder scripts or the one above (bash, zsh, sh): all of it happens in a process of its
# own, so that the calling shell keeps its folder, options, variables and traps, and lives on. The exit code is left in $?.
(
  for place in "$(dirname -- "${BASH_SOURCE:-$0}")" . scripts; do
    if [ -f "$place/run_step.sh" ]; then exec bash "$place/run_step.sh" lumisections "$@"; fi
  done
  echo "step4_extract_lumisections.sh: source it from the folder scripts, or run it" >&2
  exit 1
)
