-- Who reads whom: name of what is read, name of the reader, named as in snapshot.sql. From pg_depend alone; no relation is
-- touched. Triggers, defaults, constraints, policies and indexes count as the table that they are on.
WITH objects AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS classid, c.oid AS objid, s.nspname,
        pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm', 'r', 'p', 'f', 'S')
    UNION ALL
    -- In no schema.
    SELECT 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, v.oid, '', pg_catalog.quote_ident(v.evtname)
    FROM pg_catalog.pg_event_trigger v
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, s.nspname,
        pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(p.proname)
            || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace
    WHERE s.nspname NOT LIKE 'pg\_%' AND s.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, s.nspname,
        pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(t.typname)
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace s ON s.oid = t.typnamespace
    WHERE s.nspname NOT LIKE 'pg\_%' AND s.nspname <> 'information_schema'
), owners AS (
    SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass AS classid, oid AS objid, ev_class AS relation FROM pg_catalog.pg_rewrite
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, oid, tgrelid FROM pg_catalog.pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, oid, adrelid FROM pg_catalog.pg_attrdef
    UNION ALL
    SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, oid, polrelid FROM pg_catalog.pg_policy
    UNION ALL
    SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, oid, conrelid FROM pg_catalog.pg_constraint WHERE conrelid <> 0
    UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, indexrelid, indrelid FROM pg_catalog.pg_index
)
SELECT DISTINCT read.name, reader.name
FROM pg_catalog.pg_depend d
JOIN objects read ON read.classid = d.refclassid AND read.objid = d.refobjid
LEFT JOIN owners ON owners.classid = d.classid AND owners.objid = d.objid
JOIN objects reader ON reader.classid = CASE WHEN owners.relation IS NULL THEN d.classid
                                             ELSE 'pg_catalog.pg_class'::pg_catalog.regclass END
    AND reader.objid = coalesce(owners.relation, d.objid)
WHERE d.deptype IN ('n', 'a') AND read.name <> reader.name
  -- That a sequence belongs to a column is no reading.
  AND NOT (d.deptype = 'a' AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND owners.relation IS NULL)
  AND read.nspname NOT LIKE 'pg\_%' AND read.nspname <> 'information_schema'
  AND reader.nspname NOT LIKE 'pg\_%'
ORDER BY 1, 2
