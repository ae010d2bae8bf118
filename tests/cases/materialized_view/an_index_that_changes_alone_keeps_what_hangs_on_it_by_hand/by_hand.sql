ALTER MATERIALIZED VIEW states CLUSTER ON first_state;
COMMENT ON INDEX first_state IS 'by hand: "%" and ''\';
DO $$
BEGIN
    EXECUTE format('ALTER INDEX first_state ALTER COLUMN %s SET STATISTICS 7',
        (SELECT attnum FROM pg_attribute WHERE attrelid = 'first_state'::regclass AND pg_get_indexdef(attrelid, attnum, false) = 'lower(state)'));
    EXECUTE format('ALTER INDEX "100%% of it" ALTER COLUMN %s SET STATISTICS 9',
        (SELECT attnum FROM pg_attribute WHERE attrelid = '"100% of it"'::regclass AND pg_get_indexdef(attrelid, attnum, false) LIKE '%+%'));
END
$$;
