"""
One revision run up or down through a team's own `env.py`, unchanged, in a database of ours and in no other.

`env.py` is offered that database three ways: as `config.attributes["connection"]` (Alembic's recipe for sharing a
connection), as `sqlalchemy.url`, and as `-x` arguments or environment variables where the team configures some.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Engine

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.alembic_step import watched_step
from pytest_darkhost.migrations.command_line import command_options
from pytest_darkhost.migrations.drivers import own_url
from pytest_darkhost.migrations.env_script import env_script
from pytest_darkhost.migrations.heard import Heard, Recorded
from pytest_darkhost.migrations.history import History, Revision
from pytest_darkhost.migrations.ini import configuration
from pytest_darkhost.migrations.isolation import surroundings
from pytest_darkhost.migrations.offers import DOCUMENTED, Offer
from pytest_darkhost.migrations.one_way import require_function
from pytest_darkhost.migrations.senders import noting_besides, others_noted
from pytest_darkhost.migrations.statements import watch
from pytest_darkhost.migrations.steps import Direction, Hooks, Step
from pytest_darkhost.migrations.telling import told

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext

    from pytest_darkhost.migrations.databases.values import Database
    from pytest_darkhost.migrations.observer import Observer


@dataclass(frozen=True, slots=True)
class Workplace:
    """A history and the database in which it is run."""

    history: History
    database: "Database"
    engine: Engine
    """Connects to that database; a connection knows nothing of its earlier uses."""
    observer: "Observer"
    """Asks that database on our behalf."""
    hooks: Hooks
    url: str
    """That database, as `env.py` reads it: with its password."""
    config: "Config"
    run_env: Callable[[], None]
    besides: list[str]
    """What `env.py` has done in databases since it was run last, besides running Alembic. Grows meanwhile."""
    offer: Offer = Offer.CONNECTION
    modules: dict[str, ModuleType] = field(default_factory=dict)
    """The team's own, which have read what the variables say of this database."""

    @classmethod
    def of(cls, history: History, database: "Database", engine: Engine, observer: "Observer", hooks: Hooks) -> Self:
        """Return a place to work in, with a configuration of its own."""
        config = configuration(history.place.ini)
        url = own_url(history.place, database.url).render_as_string(hide_password=False)
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
        run_env = env_script(history.place.script)
        watch(engine)
        made = cls(history, database, engine, observer, hooks, url, config, run_env, noting_besides(engine))
        made.say(Direction.UP, history.revisions[0].id)
        return made

    @property
    def env(self) -> str:
        """`env.py`, as messages name it."""
        return self.history.place.env

    def run(
        self,
        revision: Revision,
        direction: Direction,
        then: Callable[[Connection], None] | None = None,
        *,
        then_snapshot: bool = False,
    ) -> Step:
        """
        Return what happened when one revision was run; whatever it raises is part of that.

        :param then: called once the revision's function has returned, before its transaction ends.
        :param then_snapshot: whether a snapshot is taken next.
        :raises HistoryError: `env.py` works in another database, or did not commit.
        """
        recorded = Recorded()

        def steps(_: Any, context: "MigrationContext") -> list[Any]:
            return [self.step(revision, direction, context, recorded, then)]

        self.say(direction, revision.id if direction is Direction.UP else f"{revision.id}-1")
        heard = self.through_env(steps, recorded, then_snapshot=then_snapshot)
        return told(self, revision, direction, recorded, heard)

    def step(
        self,
        revision: Revision,
        direction: Direction,
        context: "MigrationContext",
        recorded: Recorded,
        then: Callable[[Connection], None] | None = None,
    ) -> Any:
        """
        Return Alembic's step for a revision, of which is noted what it does.

        :raises HistoryError: `env.py` works in another database.
        """
        if not self.is_ours(context):
            msg = f"{self.env}: it works in another database, {DOCUMENTED}"
            raise HistoryError(msg)
        recorded.context = context
        require_function(revision.module, direction)
        return watched_step(self.history.place.script, revision, direction, context, recorded, then=then)

    def say(self, direction: Direction, revision: str, x: Iterable[str] = (), *, as_sql: bool = False) -> None:
        """Let `env.py` read that it is run by `alembic`, with what `-x` says."""
        own = (each.replace("{url}", self.url) for each in self.hooks.x)
        self.config.cmd_opts = command_options((*own, *x), direction, revision, as_sql=as_sql)

    def is_ours(self, context: "MigrationContext") -> bool:
        """Return whether Alembic works in this database."""
        connection = context.connection
        if connection is None or connection.dialect.name != self.engine.dialect.name:
            return False
        return self.shares(context) or self.database.holds(connection)

    def shares(self, context: "MigrationContext") -> bool:
        """Return whether Alembic works on a connection that we have offered, or one of an engine that we have."""
        return context.connection is not None and context.connection.engine is self.engine

    def through_env(
        self,
        steps: Callable[[Any, "MigrationContext"], Iterable[Any]],
        recorded: Recorded,
        *,
        then_snapshot: bool = False,
        **options: Any,
    ) -> Heard:
        """Run `env.py` once, with these steps as what there is to do."""
        from alembic.runtime.environment import EnvironmentContext

        place = self.history.place
        heard = Heard()
        self.besides.clear()

        def counted(heads: Any, context: "MigrationContext") -> Iterable[Any]:
            recorded.contexts += 1
            return steps(heads, context)

        environ = {name: value.replace("{url}", self.url) for name, value in self.hooks.environ.items()}
        with surroundings(place.start, environ, self.modules) as recorded.noise:
            try:
                with (
                    self._offered(),
                    others_noted(self.engine, self.besides),
                    EnvironmentContext(self.config, place.script, fn=counted, **options),
                ):
                    self.run_env()
                heard.heads = self.observer.heads(
                    recorded.context, then_snapshot=then_snapshot, altered=recorded.altered
                )
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # the team's code may raise anything, and want to end us
                heard.error = error
        heard.loud = recorded.loud or recorded.noise.size != recorded.said
        heard.output, heard.warnings = recorded.noise.taken()
        return heard

    @contextmanager
    def _offered(self) -> Iterator[None]:
        """Put into the configuration what is offered as a connection, and commit what was done on one of ours."""
        self.config.attributes.pop("connection", None)
        if self.offer is Offer.ENGINE:
            self.config.attributes["connection"] = self.engine
        if self.offer is not Offer.CONNECTION:
            yield
            return
        with self.engine.connect() as connection:
            self.config.attributes["connection"] = connection
            yield
            connection.commit()
