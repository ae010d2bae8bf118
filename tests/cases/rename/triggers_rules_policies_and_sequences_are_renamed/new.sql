-- viewkeeper: renamed from counter
CREATE SEQUENCE counts;
-- viewkeeper: renamed from refuse
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
-- viewkeeper: renamed from names
CREATE VIEW called AS SELECT id, name FROM users;
-- viewkeeper: renamed from refuse
CREATE TRIGGER keep INSTEAD OF DELETE ON called FOR EACH ROW EXECUTE FUNCTION keep();
COMMENT ON TRIGGER keep ON called IS 'Nobody goes.';
-- viewkeeper: renamed from nothing
CREATE RULE no_change AS ON UPDATE TO called DO INSTEAD NOTHING;
-- viewkeeper: renamed from own
CREATE POLICY active_ones ON users USING (active);
-- viewkeeper: renamed from both_of_them
CREATE STATISTICS name_and_city ON name, city FROM users;
