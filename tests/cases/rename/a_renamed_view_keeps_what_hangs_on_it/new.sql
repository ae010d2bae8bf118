-- viewkeeper: renamed from active_users
CREATE VIEW current_users AS
SELECT id, name -- who they are
FROM users
WHERE active;
COMMENT ON VIEW current_users IS 'Who is active.';
GRANT SELECT ON current_users TO PUBLIC;

CREATE VIEW names AS
SELECT current_users.name, count(*) AS how_many
FROM current_users
GROUP BY current_users.name;
