CREATE TYPE mood AS ENUM ('sad', 'happy', 'ecstatic');
CREATE MATERIALIZED VIEW best AS SELECT enum_last(NULL::mood) AS mood;
