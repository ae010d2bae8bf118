-- viewkeeper: renamed from high
CREATE TYPE low AS ENUM ('x', 'y');
-- viewkeeper: renamed from low
CREATE TYPE high AS ENUM ('a', 'b');
-- viewkeeper: renamed from g
CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 2';
-- viewkeeper: renamed from f
CREATE FUNCTION g(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
-- viewkeeper: renamed from two
CREATE TRIGGER one BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
-- viewkeeper: renamed from one
CREATE TRIGGER two BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();
