-- Tables, views, materialized views, sequences, composite types, foreign tables. `to_jsonb` reads columns that not
-- every supported version has.
WITH relation AS (
    SELECT c.*, to_jsonb(c) AS "row",
        CASE c.relkind
            WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
            WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' WHEN 'f' THEN 'foreign table'
        END AS kind,
        format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c', 'f')
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT relation.kind, relation.name, property, value
FROM relation
CROSS JOIN LATERAL (
    VALUES ('owner', pg_get_userbyid(relation.relowner)::text),
        ('comment', obj_description(relation.oid, 'pg_class')),
        ('persistence', CASE relation.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END),
        ('definition', CASE WHEN relation.relkind IN ('v', 'm') THEN pg_get_viewdef(relation.oid) END),
        ('reads', CASE WHEN relation.relkind IN ('v', 'm') THEN
            (SELECT string_agg(DISTINCT d.refobjid::regclass::text, ', ')
             FROM pg_rewrite AS w
             JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
             WHERE w.ev_class = relation.oid AND w.rulename = '_RETURN'
                 AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> relation.oid) END),
        ('options', (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(relation.reloptions) AS o)),
        ('access method', (SELECT a.amname FROM pg_am AS a WHERE a.oid = relation.relam)),
        ('tablespace', (SELECT t.spcname FROM pg_tablespace AS t WHERE t.oid = relation.reltablespace)),
        ('populated', CASE WHEN relation.relkind = 'm' THEN relation.relispopulated::text END),
        ('row security', CASE WHEN relation.relrowsecurity THEN 'enabled' END),
        ('row security of owner', CASE WHEN relation.relforcerowsecurity THEN 'forced' END),
        ('replica identity', CASE WHEN relation.relreplident NOT IN ('d', 'n') OR relation.relkind = 'r' AND relation.relreplident = 'n'
                             THEN relation.relreplident::text END),
        ('of type', CASE WHEN relation.reloftype <> 0 THEN format_type(relation.reloftype, NULL) END),
        ('partition key', CASE WHEN relation.relkind = 'p' THEN pg_get_partkeydef(relation.oid) END),
        ('partition bound', pg_get_expr(relation.relpartbound, relation.oid)),
        ('parents', (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                     FROM pg_inherits AS i WHERE i.inhrelid = relation.oid)),
        ('foreign server', (SELECT format('%I %s', s.srvname, f.ftoptions)
                            FROM pg_foreign_table AS f JOIN pg_foreign_server AS s ON s.oid = f.ftserver
                            WHERE f.ftrelid = relation.oid)),
        ('sequence', (SELECT format('%s, start %s, increment %s, from %s to %s, cache %s%s', format_type(s.seqtypid, NULL),
                                    s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
                                    CASE WHEN s.seqcycle THEN ', cycle' END)
                      FROM pg_sequence AS s WHERE s.seqrelid = relation.oid)),
        ('owned by', (SELECT format('%s.%I%s', d.refobjid::regclass, a.attname, CASE d.deptype WHEN 'i' THEN ' (identity)' END)
                      FROM pg_depend AS d
                      JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                      WHERE relation.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = relation.oid
                          AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
    UNION ALL
    SELECT format('privilege %s %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type),
        format('by %I%s', pg_get_userbyid(a.grantor), CASE WHEN a.is_grantable THEN ', with grant option' END)
    FROM aclexplode(coalesce(relation.relacl,
                             acldefault(CASE relation.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relation.relowner))) AS a
    WHERE relation.relkind <> 'c'
) AS fact (property, value)
WHERE value IS NOT NULL
