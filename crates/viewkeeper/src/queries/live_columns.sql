-- Kind and columns of the relations named by $1 (schemas) and $2 (names), numbered as they were given; one row with
-- nulls for a relation that does not exist. Run with anybody's search path: operators are named with their schema too.
SELECT expected.number,
    CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view'
        WHEN c.relkind OPERATOR(pg_catalog.=) 'm' THEN 'materialized view'
        WHEN c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,f}') THEN 'table'
        WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'sequence'
        WHEN c.relkind OPERATOR(pg_catalog.=) 'c' THEN 'composite type'
        WHEN c.oid IS NOT NULL THEN 'relation of another kind' END,
    a.attname::pg_catalog.text,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    CASE WHEN s.nspname OPERATOR(pg_catalog.=) 'pg_catalog' THEN ''
        ELSE pg_catalog.concat(pg_catalog.quote_ident(s.nspname), '.') END,
    a.attnotnull
FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS expected (schema, name, number)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) expected.schema
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
    AND c.relname OPERATOR(pg_catalog.=) expected.name AND c.relkind OPERATOR(pg_catalog.<>) 'i'
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
    AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
LEFT JOIN pg_catalog.pg_type e ON e.oid OPERATOR(pg_catalog.=) CASE
    WHEN t.typcategory OPERATOR(pg_catalog.=) 'A' AND t.typelem OPERATOR(pg_catalog.<>) 0 THEN t.typelem ELSE t.oid END
LEFT JOIN pg_catalog.pg_namespace s ON s.oid OPERATOR(pg_catalog.=) e.typnamespace
ORDER BY expected.number, a.attnum
