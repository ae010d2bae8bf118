CREATE VIEW w AS SELECT id FROM users WHERE created_at > now() - interval '30 days';
