CREATE DOMAIN login AS varchar(20)
    CONSTRAINT not_empty CHECK (VALUE <> '')
    CONSTRAINT sane CHECK (VALUE <> 'postgres');

CREATE DOMAIN admin AS login CONSTRAINT administrator CHECK (VALUE ~ '^adm');

CREATE VIEW logins AS SELECT id, name::admin AS name FROM users;
