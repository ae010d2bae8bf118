-- What the current transaction asked for by a statement of its own, where PostgreSQL leaves a trace of that also when it
-- led to what was there already. Columns: section and name as in snapshot.sql, aspect, part of it. The traces are rows of
-- pg_depend, pg_description and pg_attrdef: the rows of pg_class and pg_proc are written again for every GRANT, so they
-- say nothing of a definition. No trace is left by GRANT, ALTER … OWNER, SET (…), ALTER SEQUENCE, ENABLE and DISABLE, and
-- by taking away what is not there.
WITH current AS (
    SELECT pg_catalog.pg_current_xact_id()::pg_catalog.xid AS number
), depending AS (
    -- All rows of an object are written when it is made or replaced; one of them alone, when what it names is exchanged
    -- (changeDependencyFor, by SET SCHEMA).
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d CROSS JOIN current
    GROUP BY d.classid, d.objid HAVING pg_catalog.bool_and(d.xmin = current.number)
), relations AS (
    SELECT c.oid, c.relkind, pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm', 'r', 'p', 'f')
), types AS (
    SELECT t.oid, t.typtype, t.typrelid,
        pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(t.typname) AS name
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace s ON s.oid = t.typnamespace
    WHERE t.typtype IN ('e', 'd', 'r', 'c')
), routines AS (
    SELECT p.oid, pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(p.proname)
        || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS name
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace
    WHERE p.oid >= 16384
), statistics AS (
    SELECT e.oid, pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(e.stxname) AS name
    FROM pg_catalog.pg_statistic_ext e JOIN pg_catalog.pg_namespace s ON s.oid = e.stxnamespace
), said AS (
    SELECT d.classoid, d.objoid, d.objsubid FROM pg_catalog.pg_description d CROSS JOIN current WHERE d.xmin = current.number
)
SELECT 'relations' AS section, r.name, 'definition' AS aspect, ''::text AS part
FROM pg_catalog.pg_rewrite w JOIN relations r ON r.oid = w.ev_class
JOIN depending d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
WHERE w.rulename = '_RETURN'
UNION ALL
SELECT 'relations', r.name, 'rules', w.rulename
FROM pg_catalog.pg_rewrite w JOIN relations r ON r.oid = w.ev_class
JOIN depending d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'relations', r.name, 'triggers', g.tgname
FROM pg_catalog.pg_trigger g JOIN relations r ON r.oid = g.tgrelid
JOIN depending d ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = g.oid
WHERE NOT g.tgisinternal
UNION ALL
SELECT 'relations', r.name, 'indexes', i.relname
FROM pg_catalog.pg_index x JOIN relations r ON r.oid = x.indrelid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN depending d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = x.indexrelid
UNION ALL
SELECT 'relations', r.name, 'columns', a.attname
FROM pg_catalog.pg_attrdef f JOIN relations r ON r.oid = f.adrelid CROSS JOIN current
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
WHERE f.xmin = current.number
UNION ALL
SELECT 'routines', p.name, 'definition', ''
FROM routines p JOIN depending d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
UNION ALL
-- ALTER DOMAIN … SET DEFAULT (AlterDomainDefault).
SELECT 'types', t.name, 'default', ''
FROM types t JOIN depending d ON d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = t.oid
WHERE t.typtype = 'd'
UNION ALL
SELECT 'statistics', e.name, 'definition', ''
FROM statistics e JOIN depending d ON d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND d.objid = e.oid
UNION ALL
SELECT 'event_triggers', pg_catalog.quote_ident(v.evtname), 'definition', ''
FROM pg_catalog.pg_event_trigger v
JOIN depending d ON d.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass AND d.objid = v.oid
UNION ALL
SELECT 'relations', r.name, CASE WHEN a.attname IS NULL THEN 'comment' ELSE 'column comment' END, coalesce(a.attname, '')
FROM said d JOIN relations r ON r.oid = d.objoid
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
UNION ALL
SELECT 'relations', r.name, 'indexes comment', i.relname
FROM said d JOIN pg_catalog.pg_index x ON x.indexrelid = d.objoid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN relations r ON r.oid = x.indrelid
WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
UNION ALL
SELECT 'relations', r.name, 'triggers comment', g.tgname
FROM said d JOIN pg_catalog.pg_trigger g ON g.oid = d.objoid JOIN relations r ON r.oid = g.tgrelid
WHERE d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
UNION ALL
SELECT 'relations', r.name, 'constraints comment', n.conname
FROM said d JOIN pg_catalog.pg_constraint n ON n.oid = d.objoid JOIN relations r ON r.oid = n.conrelid
WHERE d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
UNION ALL
SELECT 'relations', r.name, 'rule_comments', w.rulename
FROM said d JOIN pg_catalog.pg_rewrite w ON w.oid = d.objoid JOIN relations r ON r.oid = w.ev_class
WHERE d.classoid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
UNION ALL
SELECT 'relations', r.name, 'policy_comments', p.polname
FROM said d JOIN pg_catalog.pg_policy p ON p.oid = d.objoid JOIN relations r ON r.oid = p.polrelid
WHERE d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass
UNION ALL
SELECT 'types', t.name, 'constraint_comments', n.conname
FROM said d JOIN pg_catalog.pg_constraint n ON n.oid = d.objoid JOIN types t ON t.oid = n.contypid
WHERE d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
UNION ALL
SELECT 'types', t.name, 'attribute_comments', a.attname
FROM said d JOIN types t ON t.typrelid = d.objoid
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid > 0
UNION ALL
SELECT 'routines', p.name, 'comment', '' FROM said d JOIN routines p ON p.oid = d.objoid
WHERE d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
UNION ALL
SELECT 'types', t.name, 'comment', '' FROM said d JOIN types t ON t.oid = d.objoid
WHERE d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass
UNION ALL
SELECT 'statistics', e.name, 'comment', '' FROM said d JOIN statistics e ON e.oid = d.objoid
WHERE d.classoid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass
UNION ALL
SELECT 'sequences', pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.relname), 'comment', ''
FROM said d JOIN pg_catalog.pg_class c ON c.oid = d.objoid AND c.relkind = 'S'
JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
UNION ALL
SELECT 'schemas', pg_catalog.quote_ident(n.nspname), 'comment', ''
FROM said d JOIN pg_catalog.pg_namespace n ON n.oid = d.objoid
WHERE d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
UNION ALL
SELECT 'extensions', pg_catalog.quote_ident(x.extname), 'comment', ''
FROM said d JOIN pg_catalog.pg_extension x ON x.oid = d.objoid
WHERE d.classoid = 'pg_catalog.pg_extension'::pg_catalog.regclass
UNION ALL
SELECT 'event_triggers', pg_catalog.quote_ident(v.evtname), 'comment', ''
FROM said d JOIN pg_catalog.pg_event_trigger v ON v.oid = d.objoid
WHERE d.classoid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass
