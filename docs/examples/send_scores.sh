#!/bin/sh
# Sends a file of scores: LUMISIFT_SITE=https://site LUMISIFT_TOKEN=lsf_… send_scores.sh SET MODEL REVISION FILE
# The file has the columns run, lumisection, score (and element, where the set has several), or key and score.
set -eu
[ $# -eq 4 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
# --fail-with-body: the reasons are printed, and the exit code is not 0.
exec curl --silent --show-error --fail-with-body --retry 5 -H "Authorization: Bearer $LUMISIFT_TOKEN" \
    -F sample_set="$1" -F model="$2" -F revision="$3" -F scores=@"$4" "$LUMISIFT_SITE/api/v1/trials/"
