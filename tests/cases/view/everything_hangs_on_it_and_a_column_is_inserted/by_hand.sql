CREATE TRIGGER t INSTEAD OF INSERT ON active_users FOR EACH ROW EXECUTE FUNCTION insert_nobody();
CREATE RULE r AS ON DELETE TO all_users DO INSTEAD NOTHING;
ALTER VIEW active_users ALTER COLUMN id SET DEFAULT 7;
GRANT UPDATE (id) ON active_users TO vk_writer;
ALTER VIEW active_users OWNER TO vk_writer;
ALTER MATERIALIZED VIEW user_stats CLUSTER ON user_stats_id;
GRANT SELECT ON users TO vk_writer;
