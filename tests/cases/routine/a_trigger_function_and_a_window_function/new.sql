CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed_at := now(); RETURN NEW; END $$;
CREATE FUNCTION nth(anyelement, integer) RETURNS anyelement LANGUAGE internal WINDOW IMMUTABLE PARALLEL SAFE STRICT AS 'window_nth_value';
CREATE VIEW v AS SELECT nth(a, 2) OVER (ORDER BY a) AS second FROM t;
