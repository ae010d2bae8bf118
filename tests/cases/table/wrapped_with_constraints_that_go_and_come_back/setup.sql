CREATE TABLE teams (id integer, season integer, PRIMARY KEY (season, id));
CREATE TABLE users (
    id integer,
    name varchar(40) NOT NULL,
    email text CHECK (email LIKE '%@%') NO INHERIT,
    team integer,
    since integer,
    "Room" int4range,
    CONSTRAINT one_name UNIQUE (name) INCLUDE (email) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT its_team FOREIGN KEY (since, team) REFERENCES teams MATCH FULL ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT rooms EXCLUDE USING gist ("Room" WITH &&) WHERE (team > 0)
);
ALTER TABLE users ADD CONSTRAINT old_enough CHECK (team > 0) NOT VALID;
ALTER TABLE users RENAME COLUMN since TO season;
CREATE INDEX by_email ON users (lower(email) DESC) WHERE team IS NOT NULL;
COMMENT ON INDEX by_email IS 'for the login';
