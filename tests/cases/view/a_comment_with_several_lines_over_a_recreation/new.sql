CREATE VIEW w AS SELECT id, email, name FROM users;
COMMENT ON VIEW w IS 'line one
line two -- no comment
;';
