CREATE VIEW w AS SELECT id, name FROM users;
COMMENT ON VIEW w IS $c$it's $$ and $viewkeeper$ and \ :name {} % $c$;
