-- What releases of edition 1 recorded, as they asked for it.
-- What this server holds, as this server renders it. Run with an empty search_path, so that every name outside
-- pg_catalog is printed with its schema. Members of extensions belong to the extension and are left out.
-- $1 says whose texts are asked for. The functions of ruleutils.c that print them lock the relation (make_viewdef,
-- make_ruledef, and set_relation_column_names for every expression), so they are called only then. NULL: everybody's;
-- empty: nobody's; names: theirs, and nothing else is listed. `catalog` holds hashes of what the texts are printed from.
-- $2: the schemas; NULL for all.
WITH schemas AS (
    SELECT oid, nspname
    FROM pg_catalog.pg_namespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
      AND coalesce(nspname::pg_catalog.text = ANY ($2::pg_catalog.text[]), true)
), extension_members AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), relations AS (
    SELECT c.*, s.nspname, $1::pg_catalog.text[] IS NULL OR named.name = ANY ($1) AS asked
    FROM pg_catalog.pg_class c
    JOIN schemas s ON s.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.relname)) AS named (name)
    WHERE c.relkind IN ('v', 'm', 'r', 'p', 'f')
      AND coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND c.relname NOT IN ('refinery_schema_history', 'viewkeeper_history', 'viewkeeper_refreshes')
      AND NOT EXISTS (
          SELECT FROM extension_members e WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid)
), columns AS (
    SELECT a.attrelid, pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::pg_catalog.regcollation::text END,
        'not_null', a.attnotnull,
        'default', CASE WHEN r.asked AND a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
        'generated', CASE WHEN r.asked AND a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
        'identity', nullif(a.attidentity::text, ''),
        'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
        'compression', nullif(a.attcompression::text, ''),
        'statistics', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
        -- No server of its time had `pg_attver`.
        'options', (SELECT pg_catalog.jsonb_agg(o) FROM pg_catalog.unnest(a.attoptions) o WHERE o NOT LIKE 'pg@_attver=%' ESCAPE '@'),
        'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C") FROM pg_catalog.unnest(a.attacl) i),
        'comment', pg_catalog.col_description(a.attrelid, a.attnum)
    )) ORDER BY a.attnum) AS list,
        pg_catalog.string_agg(a.attname || ' ' || d.adbin::text, E'\n' ORDER BY a.attnum) AS stored
    FROM pg_catalog.pg_attribute a
    JOIN relations r ON r.oid = a.attrelid
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attrelid
), rules AS (
    SELECT w.ev_class,
        -- Without the places in the text that was parsed, and the number that the view itself has in it before 16: a
        -- view that is only laid out or made anew is stored as it was.
        pg_catalog.max(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.replace(
                pg_catalog.regexp_replace(w.ev_action::text, ':(location|stmt_location|stmt_len) -?[0-9]+', '', 'g'),
                ':relid ' || w.ev_class || ' ', ':relid 0 '), 'UTF8')), 'hex'))
            FILTER (WHERE w.rulename = '_RETURN') AS rewrite,
        pg_catalog.jsonb_object_agg(w.rulename, pg_catalog.jsonb_build_object(
            'definition', CASE WHEN r.asked THEN pg_catalog.pg_get_ruledef(w.oid) END, 'enabled', w.ev_enabled))
            FILTER (WHERE w.rulename <> '_RETURN') AS others,
        pg_catalog.string_agg((pg_catalog.to_jsonb(w) - '{oid,ev_enabled}'::text[])::text, E'\n' ORDER BY w.rulename)
            FILTER (WHERE w.rulename <> '_RETURN') AS stored
    FROM pg_catalog.pg_rewrite w
    JOIN relations r ON r.oid = w.ev_class
    GROUP BY w.ev_class
), indexes AS (
    SELECT x.indrelid, pg_catalog.jsonb_object_agg(c.relname, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'definition', CASE WHEN r.asked THEN pg_catalog.pg_get_indexdef(x.indexrelid) END,
        'valid', x.indisvalid,
        'clustered', nullif(x.indisclustered, false),
        'replica_identity', nullif(x.indisreplident, false),
        'comment', pg_catalog.obj_description(x.indexrelid, 'pg_class')))) AS list,
        pg_catalog.string_agg(c.relname || ' ' || c.relam || ' ' || coalesce(c.reloptions::text, '') || ' ' || c.reltablespace
            || ' ' || (pg_catalog.to_jsonb(x) - '{indexrelid,indisvalid,indisready,indisclustered,indisreplident,indcheckxmin}'::text[])::text,
            E'\n' ORDER BY c.relname) AS stored
    FROM pg_catalog.pg_index x
    JOIN relations r ON r.oid = x.indrelid
    JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
    GROUP BY x.indrelid
), constraints AS (
    SELECT n.conrelid, pg_catalog.jsonb_object_agg(n.conname, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'type', n.contype,
        'definition', CASE WHEN r.asked THEN pg_catalog.pg_get_constraintdef(n.oid) END,
        'comment', pg_catalog.obj_description(n.oid, 'pg_constraint')))) AS list,
        pg_catalog.string_agg((pg_catalog.to_jsonb(n) - '{oid,conindid}'::text[])::text, E'\n' ORDER BY n.conname) AS stored
    FROM pg_catalog.pg_constraint n
    JOIN relations r ON r.oid = n.conrelid
    GROUP BY n.conrelid
), triggers AS (
    SELECT g.tgrelid, pg_catalog.jsonb_object_agg(g.tgname, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'definition', CASE WHEN r.asked THEN pg_catalog.pg_get_triggerdef(g.oid) END,
        'enabled', g.tgenabled,
        'comment', pg_catalog.obj_description(g.oid, 'pg_trigger')))) AS list,
        pg_catalog.string_agg((pg_catalog.to_jsonb(g) - '{oid,tgenabled}'::text[])::text, E'\n' ORDER BY g.tgname) AS stored
    FROM pg_catalog.pg_trigger g
    JOIN relations r ON r.oid = g.tgrelid
    WHERE NOT g.tgisinternal
    GROUP BY g.tgrelid
), policies AS (
    SELECT p.polrelid, pg_catalog.jsonb_object_agg(p.polname, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'command', p.polcmd,
        'permissive', p.polpermissive,
        'roles', (SELECT pg_catalog.jsonb_agg(CASE WHEN o = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(o)::text END
                                              ORDER BY o) FROM pg_catalog.unnest(p.polroles) o),
        'using', CASE WHEN r.asked THEN pg_catalog.pg_get_expr(p.polqual, p.polrelid) END,
        'check', CASE WHEN r.asked THEN pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) END))) AS list,
        pg_catalog.string_agg(p.polname || ' ' || coalesce(p.polqual::text, '') || ' ' || coalesce(p.polwithcheck::text, ''),
            E'\n' ORDER BY p.polname) AS stored
    FROM pg_catalog.pg_policy p
    JOIN relations r ON r.oid = p.polrelid
    GROUP BY p.polrelid
), statistics AS (
    SELECT e.stxrelid, pg_catalog.jsonb_object_agg(e.stxname,
            CASE WHEN r.asked THEN pg_catalog.pg_get_statisticsobjdef(e.oid) END) AS list,
        pg_catalog.string_agg((pg_catalog.to_jsonb(e) - '{oid,stxowner,stxstattarget}'::text[])::text,
            E'\n' ORDER BY e.stxname) AS stored
    FROM pg_catalog.pg_statistic_ext e
    JOIN relations r ON r.oid = e.stxrelid
    GROUP BY e.stxrelid
), relation_entries AS (
    SELECT pg_catalog.quote_ident(r.nspname) || '.' || pg_catalog.quote_ident(r.relname) AS name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'kind', CASE r.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
            'owner', pg_catalog.pg_get_userbyid(r.relowner),
            'definition', CASE WHEN r.asked AND r.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(r.oid) END,
            'rewrite', rules.rewrite,
            'catalog', (SELECT pg_catalog.jsonb_object_agg(
                            facet, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(stored, 'UTF8')), 'hex'))
                        FROM (VALUES ('columns', columns.stored), ('indexes', indexes.stored),
                                     ('constraints', constraints.stored), ('triggers', triggers.stored),
                                     ('rules', rules.stored), ('policies', policies.stored),
                                     ('statistics', statistics.stored), ('partition_of', r.relpartbound::text),
                                     ('partition_key', (SELECT pg_catalog.to_jsonb(k)::text
                                                        FROM pg_catalog.pg_partitioned_table k WHERE k.partrelid = r.oid)))
                             AS facets (facet, stored)
                        WHERE stored IS NOT NULL),
            'columns', columns.list,
            'options', pg_catalog.to_jsonb(r.reloptions),
            'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C")
                           FROM pg_catalog.unnest(coalesce(r.relacl, pg_catalog.acldefault('r', r.relowner))) i),
            'comment', pg_catalog.obj_description(r.oid, 'pg_class'),
            'persistence', nullif(r.relpersistence::text, 'p'),
            'partition_of', CASE WHEN r.asked AND r.relispartition THEN pg_catalog.pg_get_expr(r.relpartbound, r.oid) END,
            'partition_key', CASE WHEN r.asked AND r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END,
            'row_security', nullif(r.relrowsecurity, false),
            'row_security_forced', nullif(r.relforcerowsecurity, false),
            'populated', CASE WHEN r.relkind = 'm' THEN r.relispopulated END,
            'tablespace', (SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid = r.reltablespace),
            'access_method', (SELECT amname FROM pg_catalog.pg_am WHERE oid = r.relam),
            'indexes', indexes.list,
            'constraints', constraints.list,
            'triggers', triggers.list,
            'rules', rules.others,
            'policies', policies.list,
            'statistics', statistics.list
        )) AS entry
    FROM relations r
    LEFT JOIN columns ON columns.attrelid = r.oid
    LEFT JOIN rules ON rules.ev_class = r.oid
    LEFT JOIN indexes ON indexes.indrelid = r.oid
    LEFT JOIN constraints ON constraints.conrelid = r.oid
    LEFT JOIN triggers ON triggers.tgrelid = r.oid
    LEFT JOIN policies ON policies.polrelid = r.oid
    LEFT JOIN statistics ON statistics.stxrelid = r.oid
), routine_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'kind', p.prokind,
            'owner', pg_catalog.pg_get_userbyid(p.proowner),
            'definition', CASE WHEN p.prokind <> 'a' AND (p.prosqlbody IS NULL OR coalesce(named.name = ANY ($1), true))
                THEN pg_catalog.pg_get_functiondef(p.oid) END,
            -- A body in standard SQL is printed under locks of what it reads (print_function_sqlbody).
            'catalog', CASE WHEN p.prosqlbody IS NOT NULL THEN pg_catalog.jsonb_build_object('definition',
                pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                    (pg_catalog.to_jsonb(p) - '{oid,proowner,proacl}'::text[])::text, 'UTF8')), 'hex')) END,
            'result', pg_catalog.pg_get_function_result(p.oid),
            'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C")
                           FROM pg_catalog.unnest(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) i),
            'comment', pg_catalog.obj_description(p.oid, 'pg_proc')
        )) AS entry
    FROM pg_catalog.pg_proc p
    JOIN schemas s ON s.oid = p.pronamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(p.proname)
        || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')') AS named (name)
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND NOT EXISTS (
        SELECT FROM extension_members e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid)
), type_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'kind', CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'composite' END,
            'owner', pg_catalog.pg_get_userbyid(t.typowner),
            'labels', (SELECT pg_catalog.jsonb_agg(l.enumlabel ORDER BY l.enumsortorder)
                       FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid),
            'base', CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
            'not_null', CASE WHEN t.typtype = 'd' THEN t.typnotnull END,
            'default', t.typdefault,
            'subtype', (SELECT pg_catalog.format_type(g.rngsubtype, NULL)
                        FROM pg_catalog.pg_range g WHERE g.rngtypid = t.oid),
            'constraints', (SELECT pg_catalog.jsonb_object_agg(n.conname, pg_catalog.pg_get_constraintdef(n.oid))
                            FROM pg_catalog.pg_constraint n WHERE n.contypid = t.oid),
            'columns', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                            'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
                        FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped),
            'comment', pg_catalog.obj_description(t.oid, 'pg_type')
        )) AS entry
    FROM pg_catalog.pg_type t
    JOIN schemas s ON s.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(t.typname)) AS named (name)
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND t.typtype IN ('e', 'd', 'r', 'c') AND (t.typrelid = 0 OR c.relkind = 'c')
      AND NOT EXISTS (
          SELECT FROM extension_members e WHERE e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND e.objid = t.oid)
)
SELECT pg_catalog.jsonb_build_object(
    'format', 1,
    'server_version', pg_catalog.current_setting('server_version_num')::int,
    'relations', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM relation_entries),
    'routines', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM routine_entries),
    'types', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM type_entries)
)::text
