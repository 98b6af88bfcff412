#!/usr/bin/env bash
# Drizzle: instead of `npx drizzle-kit migrate`; `recipes/drizzle.sh push` as well.
exec "${HOLDFAST:-holdfast}" guard --database app.db --to backups --reason drizzle --on-failure continue \
  -- npx drizzle-kit "${@:-migrate}"
