"""Statements of many kinds, drawn at random: most of those that fit what is there change something."""

from random import Random

_NAMES = {
    "table": ("a", "b", "s.a"),
    "column": ("x", "y", "z"),
    "type": ("integer", "text", "numeric(6, 2)", "e", "dom", "pair", "a", "text[]", "b[]", "regclass"),
    "enum": ("e", "f"),
    "view": ("v", "w"),
    "function": ("one", "two"),
    "sequence": ("q", "a_id_seq", "s.q"),
    "index": ("i", "j"),
    "any": ("k", "l"),
    "role": ("pg_monitor", "PUBLIC"),
    "number": ("1", "2", "7"),
}
_KINDS = """
CREATE TABLE {table} (id serial PRIMARY KEY, x {type}, y integer)
CREATE TABLE {table} (id integer PRIMARY KEY, x text DEFAULT 'k' NOT NULL UNIQUE)
CREATE TABLE {table} (z date) INHERITS ({table})
CREATE TABLE {table} (LIKE {table} INCLUDING ALL)
CREATE UNLOGGED TABLE {table} (id bigint GENERATED ALWAYS AS IDENTITY, x {type})
CREATE TABLE parts (id integer, day integer) PARTITION BY RANGE (day)
CREATE TABLE {any} PARTITION OF parts FOR VALUES FROM ({number}) TO (9)
ALTER TABLE parts DETACH PARTITION {any}
ALTER TABLE parts ADD COLUMN {column} {type}
CREATE INDEX {any} ON parts (day)
DROP TABLE {table}
DROP TABLE {table} CASCADE
DROP TABLE {any}
ALTER TABLE {table} RENAME TO {any}
ALTER TABLE {any} RENAME TO a
ALTER TABLE {table} SET SCHEMA s
ALTER TABLE {table} SET SCHEMA public
ALTER TABLE {table} ADD COLUMN {column} {type}
ALTER TABLE {table} ADD COLUMN {column} integer DEFAULT {number}
ALTER TABLE {table} ADD COLUMN {column} oid DEFAULT 'a'::regclass
ALTER TABLE {table} ADD COLUMN {column} regclass[] DEFAULT '{{a}}'
ALTER TABLE {table} DROP COLUMN {column}
ALTER TABLE {table} DROP COLUMN {column} CASCADE
ALTER TABLE {table} RENAME COLUMN {column} TO {column}
ALTER TABLE {table} RENAME COLUMN {column} TO {column}
ALTER TABLE {table} ALTER {column} TYPE {type} USING NULL
ALTER TABLE {table} ALTER {column} SET NOT NULL
ALTER TABLE {table} ALTER {column} DROP NOT NULL
ALTER TABLE {table} ALTER {column} SET DEFAULT {number}
ALTER TABLE {table} ALTER {column} SET DEFAULT nextval('{sequence}')
ALTER TABLE {table} ALTER {column} DROP DEFAULT
ALTER TABLE {table} ALTER {column} SET STATISTICS {number}
ALTER TABLE {table} ALTER {column} SET STORAGE EXTERNAL
ALTER TABLE {table} ADD CONSTRAINT {any} CHECK ({column} IS NOT NULL)
ALTER TABLE {table} ADD CONSTRAINT {any} CHECK (y <> {function}(y))
ALTER TABLE {table} ADD CONSTRAINT {any} UNIQUE ({column})
ALTER TABLE {table} ADD CONSTRAINT {any} FOREIGN KEY (y) REFERENCES {table}
ALTER TABLE {table} ADD CONSTRAINT {any} FOREIGN KEY (y) REFERENCES {table} NOT VALID
ALTER TABLE {table} VALIDATE CONSTRAINT {any}
ALTER TABLE {table} RENAME CONSTRAINT {any} TO {any}
ALTER TABLE {table} DROP CONSTRAINT {any}
ALTER TABLE {table} DROP CONSTRAINT {any} CASCADE
ALTER TABLE {table} INHERIT {table}
ALTER TABLE {table} NO INHERIT {table}
ALTER TABLE {table} SET (fillfactor = {number}0)
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY
ALTER TABLE {table} REPLICA IDENTITY FULL
ALTER TABLE {table} DISABLE TRIGGER {any}
CREATE INDEX {index} ON {table} ({column})
CREATE UNIQUE INDEX {index} ON {table} ({column}) WHERE {column} IS NOT NULL
CREATE INDEX {index} ON {table} ((y + {function}(y)))
CREATE UNIQUE INDEX {index} ON {table} (y)
ALTER INDEX {index} RENAME TO {any}
ALTER INDEX {any} RENAME TO i
ALTER INDEX {index} SET (fillfactor = {number}0)
ALTER TABLE {table} CLUSTER ON {index}
DROP INDEX {index}
REINDEX TABLE {table}
COMMENT ON INDEX {index} IS '{number}'
CREATE VIEW {view} AS SELECT * FROM {table}
CREATE VIEW {view} AS SELECT t.* FROM {table} t JOIN {table} u USING (id)
CREATE VIEW {view} AS SELECT count(*) AS n FROM all_of()
CREATE VIEW {view} AS SELECT t AS whole FROM {table} t
CREATE VIEW {view} AS SELECT * FROM {view}
CREATE MATERIALIZED VIEW {view} AS SELECT * FROM {table}
ALTER VIEW {view} RENAME COLUMN {column} TO {column}
ALTER VIEW {view} RENAME TO {any}
DROP VIEW {view} CASCADE
DROP MATERIALIZED VIEW {view} CASCADE
CREATE FUNCTION {function}(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT {number}'
CREATE OR REPLACE FUNCTION {function}(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n + {number}'
CREATE FUNCTION {function}(t a) RETURNS integer LANGUAGE sql AS 'SELECT {number}'
CREATE FUNCTION all_of() RETURNS SETOF {table} LANGUAGE plpgsql AS 'BEGIN END'
CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'
ALTER FUNCTION {function}(integer) RENAME TO {function}
ALTER FUNCTION fired RENAME TO shot
ALTER FUNCTION shot RENAME TO fired
DROP FUNCTION {function} CASCADE
DROP FUNCTION all_of CASCADE
DROP FUNCTION fired CASCADE
CREATE TRIGGER {any} BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.y > {number}) EXECUTE FUNCTION fired()
DROP TRIGGER {any} ON {table}
ALTER TRIGGER {any} ON {table} RENAME TO {any}
CREATE RULE {any} AS ON UPDATE TO {table} DO ALSO DELETE FROM {table}
DROP RULE {any} ON {table}
CREATE POLICY {any} ON {table} USING (EXISTS (SELECT FROM {table}))
ALTER POLICY {any} ON {table} TO {role}
DROP POLICY {any} ON {table}
CREATE TYPE {enum} AS ENUM ('x', 'y')
ALTER TYPE {enum} ADD VALUE IF NOT EXISTS 'z{number}'
ALTER TYPE {enum} RENAME VALUE 'x' TO 'xx'
ALTER TYPE {enum} RENAME TO {enum}
DROP TYPE {enum}
CREATE DOMAIN dom AS {type} CHECK (VALUE IS NOT NULL)
ALTER DOMAIN dom RENAME TO dom{number}
ALTER DOMAIN dom SET DEFAULT NULL
ALTER DOMAIN dom ADD CONSTRAINT {any} CHECK (VALUE IS NOT NULL)
DROP DOMAIN dom CASCADE
CREATE TYPE pair AS (x integer, y {type})
ALTER TYPE pair ADD ATTRIBUTE {column} {type} CASCADE
ALTER TYPE pair RENAME ATTRIBUTE {column} TO {column} CASCADE
DROP TYPE pair CASCADE
CREATE SEQUENCE {sequence}
ALTER SEQUENCE {sequence} INCREMENT {number}
ALTER SEQUENCE {sequence} RESTART {number}
ALTER SEQUENCE {sequence} OWNED BY {table}.{column}
ALTER SEQUENCE {sequence} OWNED BY NONE
ALTER SEQUENCE {sequence} RENAME TO {any}
SELECT nextval('{sequence}')
DROP SEQUENCE {sequence}
CREATE SCHEMA s
ALTER SCHEMA s RENAME TO t
ALTER SCHEMA t RENAME TO s
DROP SCHEMA s CASCADE
COMMENT ON SCHEMA public IS '{number}'
COMMENT ON TABLE {table} IS '{number}'
COMMENT ON COLUMN {table}.{column} IS '{number}'
COMMENT ON COLUMN pair.{column} IS '{number}'
COMMENT ON CONSTRAINT {any} ON {table} IS '{number}'
COMMENT ON TRIGGER {any} ON {table} IS '{number}'
COMMENT ON TYPE {table} IS '{number}'
COMMENT ON FUNCTION {function}(integer) IS '{number}'
GRANT SELECT ON {table} TO {role}
GRANT SELECT ({column}) ON {table} TO {role}
REVOKE ALL ON {table} FROM {role}
GRANT USAGE ON TYPE {enum} TO {role}
GRANT EXECUTE ON FUNCTION {function}(integer) TO {role}
GRANT USAGE ON SCHEMA s TO {role}
GRANT USAGE ON SEQUENCE {sequence} TO {role}
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO {role}
CREATE STATISTICS {any} ON {column}, y FROM {table}
DROP STATISTICS {any}
CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer, initcond = '{number}')
DROP AGGREGATE total(integer)
CREATE CAST (pair AS text) WITH INOUT
CREATE CAST (a AS text) WITH INOUT
CREATE TEMPORARY TABLE {any} (id integer)
INSERT INTO {table} (y) VALUES ({number})
UPDATE {table} SET y = y + 1
DELETE FROM {table}
TRUNCATE {table}
VACUUM FULL {table}
ANALYZE
"""
KINDS = tuple(_KINDS.strip().splitlines())


class _Drawn(dict[str, str]):
    """A name for each place, drawn when it is asked for."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random

    def __missing__(self, place: str) -> str:
        return self._random.choice(_NAMES[place])


def statements(seed: int, number: int) -> list[str]:
    """Return what makes something to change, and so many statements that change it."""
    random = Random(seed)
    making = [kind for kind in KINDS if "CREATE" in kind or " ADD " in kind]
    kinds = ["CREATE SCHEMA s", *making, *random.choices([*KINDS, *making, *making], k=number)]
    return [kind.format_map(_Drawn(random)) for kind in kinds]
