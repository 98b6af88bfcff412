#!/usr/bin/env bash
# Plain SQL: recipes/sql.sh cleanup.sql. No copy, no change; and the file is carried out as a whole or not at all.
set -euo pipefail
file=$(readlink -e "${1:?the file with the SQL}")
exec "${HOLDFAST:-holdfast}" guard --database app.db --to backups --reason "sql $(basename "$file" .sql)" --on-failure abort \
  -- sqlite3 -bail app.db 'BEGIN IMMEDIATE;' ".read '$file'" 'COMMIT;'
