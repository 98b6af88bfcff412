"""A copy of the database before each migration. Used by env.py:

    from backup_hook import backup_before_migration
    backup_before_migration(url)

It runs scripts/backup-db.sh for upgrade, downgrade and stamp, offline (--sql) too, and for nothing else: `current`,
`history`, `check` and `revision --autogenerate` load env.py as well, and change nothing. A copy that fails never stops
the migration; it says so where nobody overlooks it.
"""

import os
import subprocess
import sys
from pathlib import Path

from alembic import context

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "backup-db.sh"
LONGEST_SECONDS = 600


def backup_before_migration(url):
    """Copies the database that `url` names, if the command at hand is one that changes it."""
    if not _changes_the_database():
        return
    try:
        subprocess.run(
            [str(SCRIPT), "alembic"],
            env={**os.environ, "QUARTERMASTER_DB_URL": str(url)},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),  # standard output is the migration's: --sql prints its script there
            timeout=LONGEST_SECONDS,
            check=True,
        )
    except Exception as error:
        _warn(error)


def _changes_the_database():
    try:
        context.get_revision_argument()
    except KeyError:  # only upgrade, downgrade and stamp have a revision to go to
        return False
    except Exception:  # a relative one, such as +1, cannot always be told: better one copy too many
        return True
    return True


def _warn(error):
    line = "!" * 78
    print(
        f"{line}\n!! THE BACKUP BEFORE THIS MIGRATION FAILED; THE MIGRATION GOES ON WITHOUT A COPY\n!! {error}\n{line}",
        file=sys.stderr,
        flush=True,
    )
