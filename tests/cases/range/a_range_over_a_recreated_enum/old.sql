CREATE TYPE size AS ENUM ('s', 'm', 'l', 'xl');
CREATE TYPE sizes AS RANGE (subtype = size);
CREATE VIEW common AS SELECT sizes('s', 'l') AS sizes;
