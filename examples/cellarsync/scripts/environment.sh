# Sourced by the scripts beside it: which holdfast, and the paths that CellarSync's environment names.
cellarsync=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export HOLDFAST_CONFIG=$cellarsync/holdfast.yaml
if [ -n "${DATABASE_PATH:-}" ]; then export HOLDFAST__databases__cellar__source=$DATABASE_PATH; fi
if [ -n "${BACKUP_DIR:-}" ]; then export HOLDFAST__targets__local=$BACKUP_DIR; fi
holdfast=${HOLDFAST:-holdfast}
if ! command -v "$holdfast" >/dev/null; then
  echo "cannot find '$holdfast': put holdfast on PATH, or its path into HOLDFAST" >&2
  exit 1
fi
