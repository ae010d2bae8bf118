-- Applied migrations, as refinery and viewkeeper record them. The table is looked for first: see `read_history`.
SELECT 'migration' AS kind, format('V%s__%s', version, name) AS name, property, value
FROM {table}
CROSS JOIN LATERAL (VALUES ('checksum', checksum::text)) AS fact (property, value)
WHERE value IS NOT NULL
