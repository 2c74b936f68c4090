#!/usr/bin/env bash
# All that a scheduler does each night: what is new at OMS, at the Run Registry and in the folders of histograms.
# A second copy leaves at once with a message and exit code 75; one step that fails does not stop the next, and the exit
# code is 0 only when all of them were done. docs/scheduling.md has a crontab and a systemd timer.
#   LUMISIFT_NIGHTLY="oms runregistry histos"    which of the three (default: all)
#   LUMISIFT_NIGHTLY_SINCE=7d                    how far back the services are asked (default: last)
# Run it, or source it from the folder scripts or the one above (bash, zsh, sh): all of it happens in a process of its
# own, so that the calling shell keeps its folder, options, variables and traps, and lives on. The exit code is left in $?.
(
  for place in "$(dirname -- "${BASH_SOURCE:-$0}")" . scripts; do
    if [ -f "$place/run_step.sh" ]; then exec bash "$place/run_step.sh" nightly "$@"; fi
  done
  echo "nightly.sh: source it from the folder scripts, or run it" >&2
  exit 1
)
