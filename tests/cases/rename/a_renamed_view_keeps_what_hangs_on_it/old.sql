CREATE VIEW active_users AS
SELECT id, name -- who they are
FROM users
WHERE active;
COMMENT ON VIEW active_users IS 'Who is active.';
GRANT SELECT ON active_users TO PUBLIC;

CREATE VIEW names AS
SELECT active_users.name, count(*) AS how_many
FROM active_users
GROUP BY active_users.name;
