"""
An activation undone after the catalog was used, and lit again on top of what is left then. All in a copy.

A row that the upgrade inserted is undone several times: after others were used, after each kind of use of its own.
"""

from contextlib import closing, suppress
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.names import bare_name
from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.guard import guarded
from pytest_darkhost.migrations.lighting import Guard, Lighting, Traffic, Undoing
from pytest_darkhost.migrations.lit import catalog_of
from pytest_darkhost.migrations.noting import chain_of
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.steps import Direction
from pytest_darkhost.migrations.traffic import Added, TrafficError, Use, add_traffic, has_tables


def used(ground: Ground, trip: RoundTrip) -> Lighting | None:
    """Add the audit chain after the round trip, and what came of undoings after rows were added."""
    if trip.lighting is None:
        return None
    lighting = replace(trip.lighting, chain=chain_of(ground))
    try:
        with closing(ground.copy()) as copy:
            return _tried(_Use(copy, trip, lighting))
    except TrafficError as error:
        return replace(lighting, traffic=Traffic(problem=str(error)))
    except DatabaseError as error:
        return replace(lighting, uncopied=str(error))


@dataclass(frozen=True, slots=True)
class _Use:
    """A copy in which an activation is used."""

    copy: Ground
    trip: RoundTrip
    lighting: Lighting

    @property
    def rounds(self) -> tuple[Use, ...]:
        """What is added, one after the other. What was there before is never deleted: all at once will do."""
        slugs = {
            bare_name(each): each.slug for each in (self.copy.itinerary.names.models, self.copy.itinerary.names.hosts)
        }
        added = any(
            each.kind == "row"
            and each.change == "added"
            and dict(each.row).get(slugs.get(each.name.rpartition(".")[2], "")) == self.lighting.slug
            for each in self.trip.changed
        )
        with self.copy.connected() as connection:
            both = has_tables(connection, self.copy.itinerary.names)
        return (Use.OTHERS, *both) if added else (Use.ALL,)

    def undone(self, use: Use) -> tuple[Added, Undoing | None]:
        """Return what was added, and what a downgrade did then; `None` where there are no others to refer to."""
        added = self.added(use)
        if added is None:
            return Added(), None
        before = self.copy.snapshot()
        step = self.copy.run(self.trip.revision, Direction.DOWN)
        changed = essential(differences(before, self.copy.snapshot()))
        seen = catalog_of(self.copy), chain_of(self.copy)
        return added, Undoing(added.tables, added.refers or use is Use.ALL, step, changed, *seen)

    def added(self, use: Use) -> Added | None:
        """Return rows that were added and committed; `None` where there are no others to refer to."""
        try:
            with self.copy.connected() as connection:
                added = add_traffic(connection, self.copy.itinerary.names, self.lighting.slug, use)
                connection.commit()
                return added
        except TrafficError:
            if use is Use.OTHERS:
                return None
            raise

    def lit_again(self, undoing: Undoing) -> Undoing:
        """Return an undoing with what the upgrade did on top of it."""
        before = self.copy.snapshot()
        step = self.copy.run(self.trip.revision, Direction.UP)
        changed = essential(differences(before, self.copy.snapshot()))
        return replace(undoing, again=step, again_changed=changed, again_catalog=catalog_of(self.copy))

    def forget(self, added: Added) -> None:
        """Remove outcomes that were added; where the database refuses that, they stay, and do no harm."""
        with suppress(SQLAlchemyError), self.copy.connected() as connection:
            for each in added.outcomes:
                connection.execute(each)
            connection.commit()

    def guard(self) -> Guard | None:
        """Return the guard, with what is refused of a row that was inserted, and that the downgrade left behind."""
        guard, target = self.lighting.guard, self.lighting.target
        if guard is None or guard.unguarded or guard.there or target is None:
            return guard
        more = guarded(self.copy, self.trip.revision, target, "", left=True)
        return replace(more, tried=(*guard.tried, *more.tried))


def _tried(use: _Use) -> Lighting:
    """Return what came of all rounds. Nothing is built on what was spoiled."""
    undoings: list[Undoing] = []
    guard = use.lighting.guard
    rounds = tuple(use.rounds)
    for each in rounds:
        added, undoing = use.undone(each)
        if undoing is None:
            continue
        undoings.append(undoing)
        if undoing.downgrade.raised:
            break
        if each is rounds[-1]:
            guard = use.guard()
        if guard is not use.lighting.guard and guard is not None and guard.unguarded:
            break
        undoings[-1] = use.lit_again(undoing)
        if undoings[-1].again and undoings[-1].again.raised:
            break
        use.forget(added)
    return replace(use.lighting, traffic=Traffic(undoings=tuple(undoings)), guard=guard)
