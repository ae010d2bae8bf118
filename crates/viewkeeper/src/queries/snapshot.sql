-- What this server holds, as this server renders it. Run with an empty search_path, so that every name outside
-- pg_catalog is printed with its schema. Members of extensions belong to the extension and are left out.
-- $1 says whose texts are asked for. The functions of ruleutils.c that print them lock the relation (make_viewdef,
-- make_ruledef, and set_relation_column_names for every expression), so they are called only then. NULL: everybody's;
-- empty: nobody's; names: theirs, and nothing else is listed. `catalog` holds hashes of what the texts are printed from.
-- $2: the schemas; NULL for all, and for what belongs to no schema. `edition` grows when more is recorded of an object
-- that was recorded before; what the editions before had not is known to edition.rs and overwritten.sql. `oid` and
-- `column_numbers` tell who is who on both sides of a change, and are not recorded; `inherited` names what came with a
-- parent, and is not compared.
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
), named_objects AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS classid, c.oid AS objid,
        pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm', 'r', 'p', 'f', 'S') AND s.nspname NOT LIKE 'pg\_%' AND s.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid,
        pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(p.proname)
            || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace
    WHERE s.nspname NOT LIKE 'pg\_%' AND s.nspname <> 'information_schema'
    UNION ALL
    -- An array is made with its elements' type.
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid,
        pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(coalesce(e.typname, t.typname))
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace s ON s.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid
    WHERE s.nspname NOT LIKE 'pg\_%' AND s.nspname <> 'information_schema'
), parts AS (
    SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass AS classid, w.oid AS objid,
        'pg_catalog.pg_class'::pg_catalog.regclass AS of_class, w.ev_class AS of_object,
        CASE WHEN w.rulename = '_RETURN' THEN 'query' ELSE 'rule ' || w.rulename END AS part
    FROM pg_catalog.pg_rewrite w
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, g.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, g.tgrelid,
        'trigger ' || g.tgname
    FROM pg_catalog.pg_trigger g WHERE NOT g.tgisinternal
    UNION ALL
    SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, f.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, f.adrelid,
        'column ' || a.attname
    FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
    UNION ALL
    SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, p.polrelid,
        'policy ' || p.polname
    FROM pg_catalog.pg_policy p
    UNION ALL
    SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, n.oid,
        CASE WHEN n.conrelid <> 0 THEN 'pg_catalog.pg_class' ELSE 'pg_catalog.pg_type' END::pg_catalog.regclass,
        CASE WHEN n.conrelid <> 0 THEN n.conrelid ELSE n.contypid END, 'constraint ' || n.conname
    FROM pg_catalog.pg_constraint n
    UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, x.indexrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, x.indrelid,
        'index ' || i.relname
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
    UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, 'pg_catalog.pg_type'::pg_catalog.regclass, c.reltype, 'columns'
    FROM pg_catalog.pg_class c WHERE c.relkind = 'c'
), reads AS (
    -- What each object reads and uses, by name: an object that takes over the name of another one is not what was read.
    SELECT of_class, of_object, pg_catalog.jsonb_object_agg(part, names) AS list
    FROM (
        SELECT owners.of_class, owners.of_object, owners.part,
            pg_catalog.jsonb_agg(DISTINCT read.name ORDER BY read.name) AS names
        FROM pg_catalog.pg_depend d
        JOIN named_objects read ON read.classid = d.refclassid AND read.objid = d.refobjid
        LEFT JOIN parts ON parts.classid = d.classid AND parts.objid = d.objid
        CROSS JOIN LATERAL (
            SELECT coalesce(parts.of_class, d.classid) AS of_class, coalesce(parts.of_object, d.objid) AS of_object,
                coalesce(parts.part, CASE WHEN d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                          THEN 'columns' ELSE 'definition' END) AS part
        ) AS owners
        LEFT JOIN named_objects reader ON reader.classid = owners.of_class AND reader.objid = owners.of_object
        WHERE d.deptype IN ('n', 'a')
          -- Whose column a sequence is, and whose child a table is, is said apart.
          AND NOT (parts.classid IS NULL AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
          AND read.name IS DISTINCT FROM reader.name
        GROUP BY 1, 2, 3
    ) AS each_part
    GROUP BY of_class, of_object
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
        -- `pg_attver` is the server's own, and new with each column (minor releases of November 2026).
        'options', (SELECT pg_catalog.jsonb_agg(o ORDER BY o COLLATE "C") FROM pg_catalog.unnest(a.attoptions) o
                     WHERE o NOT LIKE 'pg\_attver=%'),
        'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C") FROM pg_catalog.unnest(a.attacl) i),
        'comment', pg_catalog.col_description(a.attrelid, a.attnum)
    )) ORDER BY a.attnum) AS list,
        pg_catalog.jsonb_object_agg(a.attname, a.attnum) AS numbers,
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
        -- view that is only laid out or made anew is stored as it was. Cut apart at the places, since a regular expression
        -- takes longer than all the rest of this query.
        pg_catalog.max(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.replace(
                (SELECT pg_catalog.string_agg(pg_catalog.ltrim(part, '-0123456789'), '' ORDER BY place)
                 FROM pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.replace(pg_catalog.replace(
                         w.ev_action::text, ':stmt_location ', ':location '), ':stmt_len ', ':location '), ':location '))
                     WITH ORDINALITY AS parts (part, place)),
                ':relid ' || w.ev_class || ' ', ':relid 0 '), 'UTF8')), 'hex'))
            FILTER (WHERE w.rulename = '_RETURN') AS rewrite,
        pg_catalog.jsonb_object_agg(w.rulename, pg_catalog.jsonb_build_object(
            'definition', CASE WHEN r.asked THEN pg_catalog.pg_get_ruledef(w.oid) END, 'enabled', w.ev_enabled))
            FILTER (WHERE w.rulename <> '_RETURN') AS others,
        pg_catalog.jsonb_object_agg(w.rulename, pg_catalog.obj_description(w.oid, 'pg_rewrite'))
            FILTER (WHERE pg_catalog.obj_description(w.oid, 'pg_rewrite') IS NOT NULL) AS comments,
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
            E'\n' ORDER BY p.polname) AS stored,
        pg_catalog.jsonb_object_agg(p.polname, pg_catalog.obj_description(p.oid, 'pg_policy'))
            FILTER (WHERE pg_catalog.obj_description(p.oid, 'pg_policy') IS NOT NULL) AS comments
    FROM pg_catalog.pg_policy p
    JOIN relations r ON r.oid = p.polrelid
    GROUP BY p.polrelid
), relation_entries AS (
    SELECT pg_catalog.quote_ident(r.nspname) || '.' || pg_catalog.quote_ident(r.relname) AS name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', CASE r.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
            'foreign', nullif(r.relkind = 'f', false),
            'owner', pg_catalog.pg_get_userbyid(r.relowner),
            'definition', CASE WHEN r.asked AND r.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(r.oid) END,
            'rewrite', rules.rewrite,
            'catalog', (SELECT pg_catalog.jsonb_object_agg(
                            facet, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(stored, 'UTF8')), 'hex'))
                        FROM (VALUES ('columns', columns.stored), ('indexes', indexes.stored),
                                     ('constraints', constraints.stored), ('triggers', triggers.stored),
                                     ('rules', rules.stored), ('policies', policies.stored),
                                     ('partition_of', r.relpartbound::text),
                                     ('partition_key', (SELECT pg_catalog.to_jsonb(k)::text
                                                        FROM pg_catalog.pg_partitioned_table k WHERE k.partrelid = r.oid)))
                             AS facets (facet, stored)
                        WHERE stored IS NOT NULL),
            'columns', columns.list,
            'column_numbers', columns.numbers,
            'oid', r.oid::int8,
            'reads', reads.list,
            'inherits', (SELECT pg_catalog.jsonb_agg(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
                                                     ORDER BY i.inhseqno)
                         FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent
                         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.inhrelid = r.oid),
            'inherited', (SELECT pg_catalog.jsonb_object_agg(part, names) FROM (
                    SELECT 'constraints', pg_catalog.jsonb_agg(n.conname ORDER BY n.conname)
                    FROM pg_catalog.pg_constraint n WHERE n.conrelid = r.oid AND n.coninhcount > 0
                    UNION ALL
                    SELECT 'indexes', pg_catalog.jsonb_agg(c.relname ORDER BY c.relname)
                    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
                    WHERE x.indrelid = r.oid AND c.relispartition
                    UNION ALL
                    SELECT 'triggers', pg_catalog.jsonb_agg(g.tgname ORDER BY g.tgname)
                    FROM pg_catalog.pg_trigger g WHERE g.tgrelid = r.oid AND g.tgparentid <> 0 AND NOT g.tgisinternal
                ) AS of_parents (part, names) WHERE names IS NOT NULL),
            'replica_identity', CASE WHEN r.relkind IN ('r', 'p', 'm') THEN
                CASE r.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN 'USING INDEX' END END,
            'options', (SELECT pg_catalog.jsonb_agg(o ORDER BY o COLLATE "C") FROM pg_catalog.unnest(r.reloptions) o),
            'toast_options', (SELECT pg_catalog.jsonb_agg('toast.' || o ORDER BY o COLLATE "C")
                              FROM pg_catalog.pg_class t CROSS JOIN pg_catalog.unnest(t.reloptions) o
                              WHERE t.oid = r.reltoastrelid),
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
            'rule_comments', rules.comments,
            'policies', policies.list,
            'policy_comments', policies.comments
        )) AS entry
    FROM relations r
    LEFT JOIN columns ON columns.attrelid = r.oid
    LEFT JOIN rules ON rules.ev_class = r.oid
    LEFT JOIN indexes ON indexes.indrelid = r.oid
    LEFT JOIN constraints ON constraints.conrelid = r.oid
    LEFT JOIN triggers ON triggers.tgrelid = r.oid
    LEFT JOIN policies ON policies.polrelid = r.oid
    LEFT JOIN reads ON reads.of_class = 'pg_catalog.pg_class'::pg_catalog.regclass AND reads.of_object = r.oid
), routine_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', p.prokind,
            'owner', pg_catalog.pg_get_userbyid(p.proowner),
            'oid', p.oid::int8,
            'reads', reads.list,
            'definition', CASE WHEN p.prokind <> 'a' AND (p.prosqlbody IS NULL OR coalesce(named.name = ANY ($1), true))
                THEN pg_catalog.pg_get_functiondef(p.oid) END,
            -- A body in standard SQL is printed under locks of what it reads (print_function_sqlbody).
            'catalog', CASE WHEN p.prosqlbody IS NOT NULL THEN pg_catalog.jsonb_build_object('definition',
                pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                    (pg_catalog.to_jsonb(p) - '{oid,proowner,proacl}'::text[])::text, 'UTF8')), 'hex')) END,
            'result', pg_catalog.pg_get_function_result(p.oid),
            -- A range brings functions that make its values.
            'belongs_to', (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname)
                           FROM pg_catalog.pg_depend d
                           JOIN pg_catalog.pg_range g ON d.refobjid IN (g.rngtypid, g.rngmultitypid)
                           JOIN pg_catalog.pg_type t ON t.oid = g.rngtypid
                           JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
                           WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'i'
                             AND d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass LIMIT 1),
            -- As the words of CREATE AGGREGATE; a final function that may not modify the state is the usual one.
            'aggregate', (SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                    'SFUNC', a.aggtransfn, 'STYPE', pg_catalog.format_type(a.aggtranstype, NULL),
                    'SSPACE', nullif(a.aggtransspace, 0), 'INITCOND', pg_catalog.quote_literal(a.agginitval),
                    'FINALFUNC', nullif(a.aggfinalfn::text, '-'), 'FINALFUNC_EXTRA', nullif(a.aggfinalextra, false),
                    'FINALFUNC_MODIFY', CASE WHEN a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
                        THEN CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
                    'COMBINEFUNC', nullif(a.aggcombinefn::text, '-'), 'SERIALFUNC', nullif(a.aggserialfn::text, '-'),
                    'DESERIALFUNC', nullif(a.aggdeserialfn::text, '-'),
                    'MSFUNC', nullif(a.aggmtransfn::text, '-'), 'MINVFUNC', nullif(a.aggminvtransfn::text, '-'),
                    'MSTYPE', pg_catalog.format_type(nullif(a.aggmtranstype, 0), NULL),
                    'MSSPACE', nullif(a.aggmtransspace, 0), 'MINITCOND', pg_catalog.quote_literal(a.aggminitval),
                    'MFINALFUNC', nullif(a.aggmfinalfn::text, '-'), 'MFINALFUNC_EXTRA', nullif(a.aggmfinalextra, false),
                    'MFINALFUNC_MODIFY', CASE WHEN a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
                        THEN CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
                    'SORTOP', (SELECT pg_catalog.format('OPERATOR(%I.%s)', o.nspname, s.oprname)
                               FROM pg_catalog.pg_operator s JOIN pg_catalog.pg_namespace o ON o.oid = s.oprnamespace
                               WHERE s.oid = a.aggsortop),
                    'HYPOTHETICAL', nullif(a.aggkind = 'h', false),
                    'PARALLEL', CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END))
                FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid),
            'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C")
                           FROM pg_catalog.unnest(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) i),
            'comment', pg_catalog.obj_description(p.oid, 'pg_proc')
        )) AS entry
    FROM pg_catalog.pg_proc p
    JOIN schemas s ON s.oid = p.pronamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(p.proname)
        || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')') AS named (name)
    LEFT JOIN reads ON reads.of_class = 'pg_catalog.pg_proc'::pg_catalog.regclass AND reads.of_object = p.oid
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND NOT EXISTS (
        SELECT FROM extension_members e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid)
), type_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'composite' END,
            'owner', pg_catalog.pg_get_userbyid(t.typowner),
            'oid', t.oid::int8,
            'reads', reads.list,
            'labels', (SELECT pg_catalog.jsonb_agg(l.enumlabel ORDER BY l.enumsortorder)
                       FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid),
            'base', CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
            'not_null', CASE WHEN t.typtype = 'd' THEN t.typnotnull END,
            'default', t.typdefault,
            'collation', CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation
                THEN t.typcollation::pg_catalog.regcollation::text END,
            'subtype', pg_catalog.format_type(g.rngsubtype, NULL),
            -- As the words of CREATE TYPE … AS RANGE; the usual ones of its subtype are not named.
            'range', (SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                    'SUBTYPE_OPCLASS', CASE WHEN NOT o.opcdefault THEN pg_catalog.format('%I.%I', os.nspname, o.opcname) END,
                    'COLLATION', CASE WHEN g.rngcollation <> sub.typcollation THEN g.rngcollation::pg_catalog.regcollation::text END,
                    'CANONICAL', nullif(g.rngcanonical::text, '-'), 'SUBTYPE_DIFF', nullif(g.rngsubdiff::text, '-'),
                    'MULTIRANGE_TYPE_NAME', pg_catalog.format_type(g.rngmultitypid, NULL)))
                FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace os ON os.oid = o.opcnamespace
                CROSS JOIN pg_catalog.pg_type sub
                WHERE o.oid = g.rngsubopc AND sub.oid = g.rngsubtype),
            'constraints', (SELECT pg_catalog.jsonb_object_agg(n.conname, pg_catalog.pg_get_constraintdef(n.oid))
                            FROM pg_catalog.pg_constraint n WHERE n.contypid = t.oid),
            'columns', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                            'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
                        FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped),
            'attribute_collations', (SELECT pg_catalog.jsonb_object_agg(a.attname, a.attcollation::pg_catalog.regcollation::text)
                        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
                        WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
                          AND a.attcollation <> at.typcollation),
            'attribute_comments', (SELECT pg_catalog.jsonb_object_agg(a.attname, pg_catalog.col_description(a.attrelid, a.attnum))
                        FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
                          AND pg_catalog.col_description(a.attrelid, a.attnum) IS NOT NULL),
            'constraint_comments', (SELECT pg_catalog.jsonb_object_agg(n.conname, pg_catalog.obj_description(n.oid, 'pg_constraint'))
                        FROM pg_catalog.pg_constraint n
                        WHERE n.contypid = t.oid AND pg_catalog.obj_description(n.oid, 'pg_constraint') IS NOT NULL),
            'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C")
                           FROM pg_catalog.unnest(coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner))) i),
            'comment', pg_catalog.obj_description(t.oid, 'pg_type')
        )) AS entry
    FROM pg_catalog.pg_type t
    JOIN schemas s ON s.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
    LEFT JOIN pg_catalog.pg_range g ON g.rngtypid = t.oid
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(t.typname)) AS named (name)
    LEFT JOIN reads ON reads.of_class = 'pg_catalog.pg_type'::pg_catalog.regclass AND reads.of_object = t.oid
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND t.typtype IN ('e', 'd', 'r', 'c') AND (t.typrelid = 0 OR c.relkind = 'c')
      AND NOT EXISTS (
          SELECT FROM extension_members e WHERE e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND e.objid = t.oid)
), sequence_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', 'sequence',
            'owner', pg_catalog.pg_get_userbyid(c.relowner),
            'oid', c.oid::int8,
            'definition', pg_catalog.format('AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s %s',
                pg_catalog.format_type(q.seqtypid, NULL), q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache,
                CASE WHEN q.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END),
            'owned_by', owner.table_name || '.' || pg_catalog.quote_ident(owner.column_name),
            'table', owner.table_name,
            'column', owner.column_name,
            'identity', nullif(owner.deptype = 'i', false),
            'persistence', nullif(c.relpersistence::text, 'p'),
            'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C")
                           FROM pg_catalog.unnest(coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))) i),
            'comment', pg_catalog.obj_description(c.oid, 'pg_class')
        )) AS entry
    FROM pg_catalog.pg_class c
    JOIN schemas s ON s.oid = c.relnamespace
    JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.relname)) AS named (name)
    LEFT JOIN LATERAL (
        SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname), a.attname, d.deptype
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    ) AS owner (table_name, column_name, deptype) ON true
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND NOT EXISTS (
          SELECT FROM extension_members e WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid)
), statistics_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', 'statistics',
            'owner', pg_catalog.pg_get_userbyid(e.stxowner),
            'oid', e.oid::int8,
            'reads', reads.list,
            'table', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
            'definition', CASE WHEN coalesce(named.name = ANY ($1), true) THEN pg_catalog.pg_get_statisticsobjdef(e.oid) END,
            'catalog', pg_catalog.jsonb_build_object('definition', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                (pg_catalog.to_jsonb(e) - '{oid,stxowner,stxstattarget}'::text[])::text, 'UTF8')), 'hex')),
            -- It is -1 where it is not set until 16, and null from 17 on.
            'target', nullif(pg_catalog.to_jsonb(e) ->> 'stxstattarget', '-1')::int4,
            'comment', pg_catalog.obj_description(e.oid, 'pg_statistic_ext')
        )) AS entry
    FROM pg_catalog.pg_statistic_ext e
    JOIN schemas s ON s.oid = e.stxnamespace
    JOIN pg_catalog.pg_class c ON c.oid = e.stxrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(e.stxname)) AS named (name)
    LEFT JOIN reads ON reads.of_class = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND reads.of_object = e.oid
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
), schema_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', 'schema',
            'owner', pg_catalog.pg_get_userbyid(n.nspowner),
            'oid', n.oid::int8,
            'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C")
                           FROM pg_catalog.unnest(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) i),
            'comment', pg_catalog.obj_description(n.oid, 'pg_namespace')
        )) AS entry
    FROM pg_catalog.pg_namespace n
    JOIN schemas s ON s.oid = n.oid
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname)) AS named (name)
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND NOT EXISTS (
          SELECT FROM extension_members e WHERE e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND e.objid = n.oid)
), extension_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', 'extension',
            'owner', pg_catalog.pg_get_userbyid(x.extowner),
            'oid', x.oid::int8,
            'schema', pg_catalog.quote_ident(n.nspname),
            'version', x.extversion,
            'comment', pg_catalog.obj_description(x.oid, 'pg_extension')
        )) AS entry
    FROM pg_catalog.pg_extension x
    JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(x.extname)) AS named (name)
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true) AND $2::pg_catalog.text[] IS NULL
), event_trigger_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', 'event trigger',
            'owner', pg_catalog.pg_get_userbyid(v.evtowner),
            'oid', v.oid::int8,
            'reads', reads.list,
            'definition', pg_catalog.format('CREATE EVENT TRIGGER %s ON %I%s EXECUTE FUNCTION %s', named.name, v.evtevent,
                (SELECT pg_catalog.format(E'\n    WHEN TAG IN (%s)', pg_catalog.string_agg(pg_catalog.quote_literal(tag), ', ' ORDER BY place))
                 FROM pg_catalog.unnest(v.evttags) WITH ORDINALITY AS tags (tag, place) HAVING pg_catalog.count(*) > 0),
                v.evtfoid::pg_catalog.regprocedure),
            'enabled', nullif(v.evtenabled::text, 'O'),
            'comment', pg_catalog.obj_description(v.oid, 'pg_event_trigger')
        )) AS entry
    FROM pg_catalog.pg_event_trigger v
    CROSS JOIN LATERAL (SELECT pg_catalog.quote_ident(v.evtname)) AS named (name)
    LEFT JOIN reads ON reads.of_class = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass AND reads.of_object = v.oid
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true) AND $2::pg_catalog.text[] IS NULL
      AND NOT EXISTS (
          SELECT FROM extension_members e
          WHERE e.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass AND e.objid = v.oid)
), default_privileges_entries AS (
    SELECT named.name,
        pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'server', pg_catalog.current_setting('server_version_num')::int,
            'edition', 3,
            'kind', 'default privileges',
            'owner', pg_catalog.pg_get_userbyid(f.defaclrole),
            'for', said.whose,
            'on', said.what,
            'privileges', (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C") FROM pg_catalog.unnest(f.defaclacl) i),
            -- What is given without this entry: within a schema nothing, since it adds to what holds everywhere.
            'initial', CASE WHEN f.defaclnamespace = 0 THEN
                (SELECT pg_catalog.jsonb_agg(i::text ORDER BY i::text COLLATE "C") FROM pg_catalog.unnest(pg_catalog.acldefault(
                    CASE f.defaclobjtype WHEN 'S' THEN 's' ELSE f.defaclobjtype END, f.defaclrole)) i) END
        )) AS entry
    FROM pg_catalog.pg_default_acl f
    LEFT JOIN schemas s ON s.oid = f.defaclnamespace
    CROSS JOIN LATERAL (
        SELECT pg_catalog.format('FOR ROLE %I', pg_catalog.pg_get_userbyid(f.defaclrole))
                || CASE WHEN s.oid IS NULL THEN '' ELSE pg_catalog.format(' IN SCHEMA %I', s.nspname) END,
            CASE f.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END
    ) AS said (whose, what)
    CROSS JOIN LATERAL (SELECT said.whose || ' ON ' || said.what) AS named (name)
    WHERE coalesce(named.name = ANY (nullif($1::pg_catalog.text[], '{}')), true)
      AND CASE WHEN f.defaclnamespace = 0 THEN $2::pg_catalog.text[] IS NULL ELSE s.oid IS NOT NULL END
)
SELECT pg_catalog.jsonb_build_object(
    'format', 1,
    'server_version', pg_catalog.current_setting('server_version_num')::int,
    'relations', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM relation_entries),
    'routines', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM routine_entries),
    'types', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM type_entries),
    'sequences', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM sequence_entries),
    'statistics', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM statistics_entries),
    'schemas', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM schema_entries),
    'extensions', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM extension_entries),
    'event_triggers', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM event_trigger_entries),
    'default_privileges', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}') FROM default_privileges_entries)
)::text
