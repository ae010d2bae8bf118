CREATE FUNCTION a_label(id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    row z_people%ROWTYPE;
    name z_people.name%TYPE;
BEGIN
    SELECT * INTO row FROM z_people AS p WHERE p.id = a_label.id;
    RETURN row.name;
END
$$;
CREATE VIEW z_people AS SELECT id, name FROM users;
CREATE VIEW labels AS SELECT id, a_label(id) AS label FROM z_people;
