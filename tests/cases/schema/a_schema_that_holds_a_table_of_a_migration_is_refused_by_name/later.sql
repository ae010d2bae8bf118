CREATE TABLE app.things (id integer);
CREATE TYPE app.mood AS ENUM ();
