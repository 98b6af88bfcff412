#!/usr/bin/env bash
# Copies the SQLite database before something touches its schema or destroys data.
#
#   scripts/backup-db.sh [reason]
#
# QUARTERMASTER_DB_URL      sqlite:///relative.db or sqlite:////absolute.db (default: quartermaster.db of this project)
# QUARTERMASTER_BACKUP_DIR  where copies go (default: the directory "backups" beside the database)
# HOLDFAST                  the holdfast command (default: the one on PATH)
set -euo pipefail
project=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

fail() { printf 'backup-db.sh: %s\n' "$1" >&2; exit 1; }

# The same rule as SQLAlchemy's: three slashes and a path from the current directory, four and an absolute one.
url=${QUARTERMASTER_DB_URL:-sqlite:///$project/quartermaster.db}
case ${url%%:*} in
  sqlite | sqlite+*) ;;
  *) fail "QUARTERMASTER_DB_URL names a database that is not SQLite (${url%%:*}:); nothing was copied" ;;
esac
database=${url#*:///}
database=${database%%\?*}
if [ "$database" = "$url" ] || [ -z "$database" ] || [ "$database" = :memory: ]; then
  fail "QUARTERMASTER_DB_URL names no file; write sqlite:///relative.db or sqlite:////absolute.db"
fi
case $database in /*) ;; *) database=$PWD/${database#./} ;; esac
directory=${QUARTERMASTER_BACKUP_DIR:-$(dirname "$database")/backups}
case $directory in /*) ;; *) directory=$PWD/${directory#./} ;; esac # never the name of a configured target

if [ ! -e "$database" ]; then
  echo "backup-db.sh: nothing to back up: there is no $database"
  exit 0
fi

holdfast=${HOLDFAST:-holdfast}
command -v "$holdfast" >/dev/null ||
  fail "cannot find '$holdfast': put holdfast on PATH, or its path into HOLDFAST; nothing was copied"

# One name for whatever file the URL names, local time, kept for ever.
"$holdfast" backup "$database" --to "$directory" --reason "${*:-manual}" \
  --name 'quartermaster-{local:yyyyMMdd-HHmmss}-{reason}.db' --compress none --keep forever --quiet |
  sed '1s/^/backup-db.sh: /'
