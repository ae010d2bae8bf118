CREATE VIEW user_stats AS SELECT id, 0::bigint AS posts FROM users;
