#!/usr/bin/env bash
# Restores the newest copy to a scratch directory, checks it there, and records the result beside the copy.
# Exit code 0: proven. 4: the copy is damaged. Anything else: it could not be told.
# Arguments go on to `holdfast verify`: scripts/backup-verify.sh --all
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/environment.sh"

status=0
"$holdfast" verify cellar --level restore "$@" || status=$?

# One line that a log monitor can look for.
[ "$status" = 0 ] && result=ok || result=FAILED
echo "cellarsync backup verification $result (exit code $status)"
exit "$status"
