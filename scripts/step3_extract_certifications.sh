#!/usr/bin/env bash
# Step 3: certifications, from files or from the Run Registry.
#   scripts/step3_extract_certifications.sh FILE… [options of load_certifications]    golden, DCS-only, Muon, ML JSON …
#   scripts/step3_extract_certifications.sh --since 7d            asks the Run Registry (also --runs FIRST LAST)
#   scripts/step3_extract_certifications.sh                       the files in $LUMISIFT_DATA_DIR/certifications
# Run it, or source it from the folder scripts or the one above (bash, zsh, sh): all of it happens in a process of its
# own, so that the calling shell keeps its folder, options, variables and traps, and lives on. The exit code is left in $?.
(
  for place in "$(dirname -- "${BASH_SOURCE:-$0}")" . scripts; do
    if [ -f "$place/run_step.sh" ]; then exec bash "$place/run_step.sh" certifications "$@"; fi
  done
  echo "step3_extract_certifications.sh: source it from the folder scripts, or run it" >&2
  exit 1
)
