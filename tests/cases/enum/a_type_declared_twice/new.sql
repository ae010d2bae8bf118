CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN mood AS text;
