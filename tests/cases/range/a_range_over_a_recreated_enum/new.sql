CREATE TYPE size AS ENUM ('s', 'm', 'l');
CREATE TYPE sizes AS RANGE (subtype = size);
CREATE VIEW common AS SELECT sizes('s', 'l') AS sizes;
