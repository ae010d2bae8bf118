CREATE TYPE state AS ENUM ('new', 'open');
CREATE DOMAIN live AS state DEFAULT 'new';
