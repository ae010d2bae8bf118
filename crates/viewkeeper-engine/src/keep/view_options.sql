    SELECT c.oid, option_name AS option, pg_catalog.format('ALTER VIEW %I.%I SET (%I = %L)', nspname, relname, option_name, option_value) AS sql
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = relnamespace, pg_catalog.pg_options_to_table(reloptions)
     WHERE c.oid IN (SELECT pg_catalog.to_regclass(name) FROM pg_catalog.unnest(ARRAY[{names}]) AS v (name))
