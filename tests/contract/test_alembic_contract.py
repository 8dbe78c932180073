"""What we use of Alembic that it does not promise: where a context keeps the transaction that it has begun."""

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext


def test_a_context_keeps_the_transaction_that_it_has_begun():
    """As `_transaction`, which is the connection's own meanwhile, and another one may be put in its place."""
    with sa.create_engine("sqlite://", poolclass=sa.NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"transactional_ddl": True})
        assert context._transaction is None

        with context.begin_transaction():
            begun = context._transaction
            assert begun is not None
            assert begun is connection.get_transaction()
            begun.commit()
            context._transaction = another = connection.begin()

        assert not another.is_active
        assert context._transaction is None


def test_a_context_with_a_transaction_for_each_migration_keeps_none_around_them():
    """So that there is none to put back between two steps."""
    with sa.create_engine("sqlite://", poolclass=sa.NullPool).connect() as connection:
        opts = {"transactional_ddl": True, "transaction_per_migration": True}
        context = MigrationContext.configure(connection, opts=opts)

        with context.begin_transaction():
            assert context._transaction is None
