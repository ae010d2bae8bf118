-- viewkeeper: 'fresh' renamed from 'new'
CREATE TYPE state AS ENUM ('fresh', 'open');
CREATE DOMAIN live AS state DEFAULT 'fresh';
