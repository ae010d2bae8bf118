CREATE VIEW w AS SELECT id, name FROM users;
COMMENT ON VIEW w IS 'line one
line two -- no comment
;';
