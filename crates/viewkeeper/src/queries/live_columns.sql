-- Kind and columns of the relations named by $1 (schemas) and $2 (names), numbered as they were given; one row with
-- nulls for a relation that does not exist.
SELECT expected.number,
    CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'r' THEN 'table' WHEN 'p' THEN 'table'
        WHEN 'f' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' ELSE 'relation of another kind' END
        || CASE WHEN c.oid IS NULL THEN NULL ELSE '' END,
    a.attname::pg_catalog.text,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    CASE WHEN s.nspname = 'pg_catalog' THEN '' ELSE pg_catalog.quote_ident(s.nspname) || '.' END,
    a.attnotnull
FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS expected (schema, name, number)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = expected.schema
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = expected.name AND c.relkind <> 'i'
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
LEFT JOIN pg_catalog.pg_namespace s ON s.oid = e.typnamespace
ORDER BY expected.number, a.attnum
