CREATE TABLE people (id bigint, home address);
CREATE TABLE typed OF address;
