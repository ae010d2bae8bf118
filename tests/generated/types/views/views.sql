CREATE VIEW summary AS
SELECT feeling, count(*) AS n, max(at) AS latest, array_agg(home) AS homes, bool_or(flag) AS any_flag
FROM everything
GROUP BY feeling;
