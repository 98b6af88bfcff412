"""Drop the legacy code: what it held is in the copy that is made before

Revision ID: 0002
Revises: 0001
"""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("items") as items:
        items.drop_column("legacy_code")


def downgrade():
    with op.batch_alter_table("items") as items:
        items.add_column(sa.Column("legacy_code", sa.Text))
