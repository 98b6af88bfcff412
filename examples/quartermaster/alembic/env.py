import os
import sys
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool

sys.path.insert(0, str(Path(__file__).parent))
from backup_hook import backup_before_migration

target_metadata = None  # the metadata of your models

url = os.environ.get("QUARTERMASTER_DB_URL") or context.config.get_main_option("sqlalchemy.url")


def run_offline():
    context.configure(url=url, target_metadata=target_metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online():
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()


backup_before_migration(url)

if context.is_offline_mode():
    run_offline()
else:
    run_online()
