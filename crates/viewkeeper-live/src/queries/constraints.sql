-- Constraints of tables and domains, without those that stand for a constraint trigger of a foreign key.
WITH "constraint" AS (
    SELECT k.*, format('%s.%I', coalesce(nullif(k.conrelid, 0)::regclass::text, format_type(k.contypid, NULL)), k.conname) AS name
    FROM pg_constraint AS k
    JOIN pg_namespace AS n ON n.oid = k.connamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE (d.classid = 'pg_class'::regclass AND d.objid = k.conrelid
                               OR d.classid = 'pg_type'::regclass AND d.objid = k.contypid) AND d.deptype = 'e')
)
SELECT 'constraint' AS kind, "constraint".name, property, value
FROM "constraint"
CROSS JOIN LATERAL (
    VALUES ('definition', pg_get_constraintdef("constraint".oid)),
        ('type', CASE "constraint".contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'n' THEN 'not null'
                 WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 't' THEN 'trigger' WHEN 'x' THEN 'exclusion' END),
        ('keys', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.position)
                  FROM unnest("constraint".conkey) WITH ORDINALITY AS k (number, position)
                  JOIN pg_attribute AS a ON a.attrelid = "constraint".conrelid AND a.attnum = k.number)),
        ('inherited', CASE WHEN "constraint".coninhcount > 0 THEN "constraint".conislocal::text END),
        ('parent', (SELECT format('%s.%I', p.conrelid::regclass, p.conname) FROM pg_constraint AS p WHERE p.oid = "constraint".conparentid)),
        ('comment', obj_description("constraint".oid, 'pg_constraint'))
) AS fact (property, value)
WHERE value IS NOT NULL
