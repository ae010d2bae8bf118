-- All that the start-up check needs, in one query. $1 (schemas) and $2 (names): the relations, numbered as they are
-- given; a row for each column, or one with nulls for a relation that does not exist. Row 0 has what is recorded in
-- the schema $3: $4 is asked of refinery's table, $5 of viewkeeper's, where the role may read them. `query_to_xml` runs them
-- only then: named in this text, a table that is not there or may not be read would be an error.
-- Run with anybody's search path: operators are named with their schema too.
WITH readable AS MATERIALIZED (
    SELECT c.relname
    FROM pg_catalog.pg_namespace n
    JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
    WHERE n.nspname OPERATOR(pg_catalog.=) $3
      AND c.relname OPERATOR(pg_catalog.=) ANY ('{refinery_schema_history,viewkeeper_history}')
      AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
)
SELECT 0::pg_catalog.int8 AS number,
    CASE WHEN EXISTS (SELECT FROM readable WHERE relname OPERATOR(pg_catalog.=) 'refinery_schema_history')
        THEN pg_catalog.query_to_xml($4, false, true, '')::pg_catalog.text END,
    CASE WHEN EXISTS (SELECT FROM readable WHERE relname OPERATOR(pg_catalog.=) 'viewkeeper_history')
        THEN pg_catalog.query_to_xml($5, false, true, '')::pg_catalog.text END,
    pg_catalog.current_setting('server_version_num'), NULL, NULL::pg_catalog.bool, NULL, NULL, NULL::pg_catalog.int2
UNION ALL
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
    a.attnotnull,
    pg_catalog.concat(pg_catalog.quote_ident(n.nspname), '.', pg_catalog.quote_ident(c.relname)),
    stored.rewrite,
    a.attnum
FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS expected (schema, name, number)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) expected.schema
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
    AND c.relname OPERATOR(pg_catalog.=) expected.name AND c.relkind OPERATOR(pg_catalog.<>) 'i'
-- As `rules` in snapshot.sql has it.
LEFT JOIN LATERAL (
    SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.replace(
        pg_catalog.regexp_replace(w.ev_action::pg_catalog.text, ':(location|stmt_location|stmt_len) -?[0-9]+', '', 'g'),
        pg_catalog.concat(':relid ', w.ev_class, ' '), ':relid 0 '), 'UTF8')), 'hex') AS rewrite
    FROM pg_catalog.pg_rewrite w
    WHERE w.ev_class OPERATOR(pg_catalog.=) c.oid AND w.rulename OPERATOR(pg_catalog.=) '_RETURN'
) AS stored ON true
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
    AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
LEFT JOIN pg_catalog.pg_type e ON e.oid OPERATOR(pg_catalog.=) CASE
    WHEN t.typcategory OPERATOR(pg_catalog.=) 'A' AND t.typelem OPERATOR(pg_catalog.<>) 0 THEN t.typelem ELSE t.oid END
LEFT JOIN pg_catalog.pg_namespace s ON s.oid OPERATOR(pg_catalog.=) e.typnamespace
ORDER BY 1, 9
