#!/usr/bin/env bash
# One checked copy now, then the ones older than 30 days go. Everything it does is said in holdfast.yaml.
#
# DATABASE_PATH, BACKUP_DIR  instead of the paths in holdfast.yaml
# Arguments go on to `holdfast backup`: scripts/backup.sh --reason "before the upgrade"
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/environment.sh"
exec "$holdfast" backup cellar "$@"
