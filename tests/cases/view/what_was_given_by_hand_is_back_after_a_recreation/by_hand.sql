GRANT SELECT ON active_users TO vk_reader WITH GRANT OPTION;
GRANT UPDATE (name) ON top_users TO vk_writer;
COMMENT ON COLUMN top_users.name IS 'Given by hand.';
ALTER VIEW active_users OWNER TO vk_writer;
ALTER VIEW top_users ALTER COLUMN name SET DEFAULT 'nobody';
CREATE FUNCTION by_hand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER by_hand INSTEAD OF INSERT ON active_users FOR EACH ROW EXECUTE FUNCTION by_hand();
CREATE RULE by_hand AS ON DELETE TO top_users DO INSTEAD NOTHING;
