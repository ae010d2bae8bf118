-- Enums, domains, ranges, base types, and what relations do not say of composite types; row types and array types go
-- with what they are made for.
WITH type AS (
    SELECT t.*, format('%I.%I', n.nspname, t.typname) AS name,
        CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' WHEN 'c' THEN 'composite type'
            ELSE 'base type' END AS kind
    FROM pg_type AS t
    JOIN pg_namespace AS n ON n.oid = t.typnamespace
    LEFT JOIN pg_class AS c ON c.oid = t.typrelid
    WHERE t.typtype IN ('e', 'd', 'r', 'b', 'c') AND (t.typtype <> 'c' OR c.relkind = 'c') AND NOT (t.typelem <> 0 AND t.typsubscript = 'array_subscript_handler'::regproc)
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
)
SELECT type.kind, type.name, property, value
FROM type
CROSS JOIN LATERAL (
    VALUES ('owner', pg_get_userbyid(type.typowner)::text),
        ('comment', obj_description(type.oid, 'pg_type')),
        ('labels', (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = type.oid)),
        ('base type', CASE WHEN type.typtype = 'd' THEN format_type(type.typbasetype, type.typtypmod) END),
        ('collation', CASE WHEN type.typtype = 'd' THEN nullif(type.typcollation, 0)::regcollation::text END),
        ('not null', CASE WHEN type.typnotnull THEN 'yes' END),
        ('default', type.typdefault),
        ('range of', (SELECT format('%s %s %s %s by %I in %s', format_type(r.rngsubtype, NULL), r.rngcollation::regcollation,
                                    r.rngcanonical, r.rngsubdiff, o.opcname, format_type(r.rngmultitypid, NULL))
                      FROM pg_range AS r JOIN pg_opclass AS o ON o.oid = r.rngsubopc WHERE r.rngtypid = type.oid)),
        ('functions', CASE WHEN type.typtype = 'b' THEN format('%s %s %s %s', type.typinput, type.typoutput, type.typreceive, type.typsend) END)
    UNION ALL
    SELECT format('privilege %s %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type),
        format('by %I%s', pg_get_userbyid(a.grantor), CASE WHEN a.is_grantable THEN ', with grant option' END)
    FROM aclexplode(coalesce(type.typacl, acldefault('T', type.typowner))) AS a
) AS fact (property, value)
WHERE value IS NOT NULL
