#!/usr/bin/env bash
# Flyway: instead of `flyway migrate`. No copy, no migration.
exec "${HOLDFAST:-holdfast}" guard --database app.db --to backups --reason flyway --on-failure abort \
  -- flyway -url=jdbc:sqlite:app.db "${@:-migrate}"
