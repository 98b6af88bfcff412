#!/usr/bin/env bash
# Prisma: instead of `npx prisma migrate dev`. DATABASE_URL="file:./dev.db" counts from the schema, hence the directory.
exec "${HOLDFAST:-holdfast}" guard --database prisma/dev.db --to backups --reason prisma --on-failure continue \
  -- npx prisma migrate "${@:-dev}"
