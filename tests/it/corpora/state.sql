-- What a database holds, a line for each object: its class and number (to leave out what belongs to extensions) and the
-- line. The same lines are written of the engine's state in `state.rs`.
WITH spaces AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), types AS (
    SELECT t.oid, n.nspname || '.' || t.typname AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
), relations AS (
    SELECT c.*, s.nspname || '.' || c.relname AS name FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c', 'S')
), routines AS (
    SELECT p.*, s.nspname || '.' || p.proname || '('
        || coalesce((SELECT string_agg(t.name, ', ' ORDER BY o)
                     FROM unnest(p.proargtypes) WITH ORDINALITY u(oid, o) JOIN types t USING (oid)), '') || ')' AS name
    FROM pg_proc p JOIN spaces s ON s.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
), attributes AS (
    SELECT a.*, r.name AS relation, r.relkind FROM pg_attribute a JOIN relations r ON r.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind <> 'S'
), lines AS (
    SELECT 'pg_namespace'::regclass AS class, s.oid, 'schema ' || s.nspname AS line FROM spaces s WHERE nspname <> 'public'
    UNION ALL
    SELECT 'pg_class', r.oid, 'relation ' || r.name || ': ' || r.relkind::text || ' ' || r.relpersistence::text FROM relations r
    UNION ALL
    SELECT 'pg_class', a.attrelid, 'column ' || a.relation || '.' || a.attname || ': '
        || row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) || ' '
        || t.name || ' ' || a.atttypmod || ' ' || coalesce(cn.nspname || '.' || co.collname, '-')
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        || CASE WHEN a.atthasdef OR a.attidentity <> '' THEN ' default' ELSE '' END
        || CASE a.attidentity::text WHEN 'a' THEN ' identity' WHEN 'd' THEN ' identity by default' ELSE '' END
        || CASE WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END
    FROM attributes a JOIN types t ON t.oid = a.atttypid
    LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
    UNION ALL
    SELECT 'pg_class', i.inhrelid, 'parent of ' || c.name || ': ' || p.name
    FROM pg_inherits i JOIN relations c ON c.oid = i.inhrelid JOIN relations p ON p.oid = i.inhparent
    UNION ALL
    SELECT 'pg_class', c.conrelid, 'constraint ' || r.name || '.' || c.conname || ': ' || c.contype::text || ' '
        || coalesce((SELECT string_agg(a.attname, ', ' ORDER BY CASE WHEN c.contype = 'c' THEN a.attnum ELSE o END)
                     FROM unnest(c.conkey) WITH ORDINALITY u(number, o)
                     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.number), '')
        || CASE WHEN c.coninhcount > 0 THEN ' inherited' ELSE '' END
        || CASE WHEN c.coninhcount > 0 AND c.conislocal THEN ' and local' ELSE '' END
        || CASE WHEN c.convalidated THEN '' ELSE ' not valid' END
    FROM pg_constraint c JOIN relations r ON r.oid = c.conrelid WHERE c.contype IN ('p', 'u', 'f', 'c', 'x', 'n')
    UNION ALL
    SELECT 'pg_class', r.oid, 'index ' || r.name || '.' || x.relname || ': '
        || coalesce((SELECT string_agg(coalesce(a.attname, '()'), ', ' ORDER BY o)
                     FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, o)
                     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number
                     WHERE o <= i.indnkeyatts), '')
        || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
    FROM pg_index i JOIN relations r ON r.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    UNION ALL
    SELECT 'pg_type', t.oid, 'enum ' || n.name || ': '
        || coalesce((SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), '')
    FROM pg_type t JOIN spaces s ON s.oid = t.typnamespace JOIN types n ON n.oid = t.oid WHERE t.typtype = 'e'
    UNION ALL
    SELECT 'pg_type', t.oid, 'domain ' || n.name || ': ' || b.name || ' ' || t.typtypmod
        || CASE WHEN t.typnotnull THEN ' not null' ELSE '' END
        || coalesce((SELECT ' ' || string_agg(conname, ', ' ORDER BY conname COLLATE "C") FROM pg_constraint
                     WHERE contypid = t.oid AND contype = 'c'), '')
    FROM pg_type t JOIN spaces s ON s.oid = t.typnamespace JOIN types n ON n.oid = t.oid
    JOIN types b ON b.oid = t.typbasetype WHERE t.typtype = 'd'
    UNION ALL
    SELECT 'pg_type', t.oid, 'range ' || n.name || ': ' || b.name || ' ' || m.name
    FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN spaces s ON s.oid = t.typnamespace
    JOIN types n ON n.oid = t.oid JOIN types b ON b.oid = r.rngsubtype JOIN types m ON m.oid = r.rngmultitypid
    UNION ALL
    SELECT 'pg_proc', p.oid, 'routine ' || p.name || ': ' || p.prokind::text || ' ' || t.name
        || CASE WHEN p.proretset THEN ' set' ELSE '' END || CASE WHEN p.proisstrict THEN ' strict' ELSE '' END
        || ' ' || p.provolatile::text || ' ' || p.pronargdefaults
    FROM routines p JOIN types t ON t.oid = p.prorettype
    UNION ALL
    SELECT d.classoid, d.objoid, 'comment on ' || CASE d.classoid
            WHEN 'pg_class'::regclass THEN (
                SELECT CASE WHEN c.relkind IN ('i', 'I') THEN 'index ' ELSE '' END || s.nspname || '.' || c.relname
                    || coalesce('.' || a.attname, '')
                FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0
                WHERE c.oid = d.objoid)
            WHEN 'pg_proc'::regclass THEN (SELECT p.name FROM routines p WHERE p.oid = d.objoid)
            WHEN 'pg_type'::regclass THEN (
                SELECT n.name FROM pg_type t JOIN spaces s ON s.oid = t.typnamespace JOIN types n ON n.oid = t.oid
                WHERE t.oid = d.objoid)
            WHEN 'pg_namespace'::regclass THEN (SELECT nspname FROM spaces s WHERE s.oid = d.objoid AND nspname <> 'public')
        END || ': ' || d.description
    FROM pg_description d
    UNION ALL
    SELECT 'pg_class', r.oid, 'privilege on ' || r.name || ': ' || coalesce(g.rolname, 'public') || ' '
        || x.privilege_type || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END
    FROM relations r, aclexplode(r.relacl) x LEFT JOIN pg_roles g ON g.oid = x.grantee
    WHERE x.grantee <> r.relowner
    UNION ALL
    SELECT 'pg_class', a.attrelid, 'privilege on ' || a.relation || '.' || a.attname || ': '
        || coalesce(g.rolname, 'public') || ' ' || x.privilege_type
        || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END
    FROM attributes a, aclexplode(a.attacl) x LEFT JOIN pg_roles g ON g.oid = x.grantee
)
SELECT line, EXISTS (SELECT FROM pg_depend d WHERE d.classid = lines.class AND d.objid = lines.oid AND d.deptype = 'e')
FROM lines WHERE line IS NOT NULL
