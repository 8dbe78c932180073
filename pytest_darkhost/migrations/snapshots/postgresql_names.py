"""
The parts that all queries on the catalogs of PostgreSQL have in common: how objects are named, which are left out.
"""

FIRST_OWN = 16384
"""The first number of an object that was made after `initdb` (access/transam.h)."""
NAMES = """path AS MATERIALIZED (
    SELECT current_setting('darkhost.schema') AS schema
), schemas AS MATERIALIZED (
    SELECT n.*, CASE n.nspname WHEN p.schema THEN '' ELSE n.nspname || '.' END AS prefix FROM path p, pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
)"""
"""The schemas whose objects are listed, each with what goes before their names."""
GRANTS = """
    SELECT 'grant',
        {name} || ' to ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END,
        string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', '
            ORDER BY a.privilege_type)
    FROM {source}aclexplode({acl}) a WHERE {where} GROUP BY 1, 2"""


def extended(catalog: str, alias: str) -> str:
    """Return a condition: an extension has the object, which is not listed then."""
    return (
        f"EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {alias}.oid"
        " AND e.deptype = 'e')"
    )
