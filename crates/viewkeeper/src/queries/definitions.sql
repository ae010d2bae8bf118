-- Of the relations named by $2, those whose text is not the one that was recorded with version $1. Run with an empty
-- search_path, as the texts were recorded. The texts are printed under locks of what the relations read.
SELECT named.key
FROM {records} r
CROSS JOIN LATERAL pg_catalog.unnest($2) AS named (key)
WHERE r.version = $1
  AND pg_catalog.jsonb_extract_path_text(r.snapshot, 'relations', named.key, 'definition')
      IS DISTINCT FROM pg_catalog.pg_get_viewdef(pg_catalog.to_regclass(named.key)::pg_catalog.oid)
