-- What only the server makes has no literals but NULL.
SELECT NULL::pg_ndistinct AS a, NULL::pg_node_tree AS b, NULL::gtsvector AS c;
SELECT '{}'::pg_ndistinct;
SELECT '{}'::pg_dependencies;
SELECT '{}'::pg_mcv_list;
SELECT '{}'::pg_node_tree;
SELECT 'a'::gtsvector;
SELECT '{}'::pg_brin_bloom_summary;
SELECT '{}'::pg_brin_minmax_multi_summary;
SELECT '{a}'::gtsvector[];
-- A transaction has a number within its epoch that is not 0.
SELECT pg_snapshot '1:9223372036854775809:3';
SELECT pg_snapshot '4294967296:4294967299:';
SELECT pg_snapshot '1:9223372036854775807:3';
SELECT pg_snapshot '1:9223372036854775808:3';
SELECT pg_snapshot '9223372036854775808:9223372036854775809:';
