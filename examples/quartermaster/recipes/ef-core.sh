#!/usr/bin/env bash
# EF Core: instead of `dotnet ef database update`. Production: --on-failure abort.
exec "${HOLDFAST:-holdfast}" guard --database app.db --to backups --reason ef-core --on-failure continue \
  -- dotnet ef database update "$@"
