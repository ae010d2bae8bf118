CREATE TABLE t (id int, s mood DEFAULT 'blue', arr mood[] DEFAULT '{blue,happy}', CHECK (s <> 'blue' OR id > 0), CONSTRAINT c2 CHECK (s IN ('blue', 'happy')));
CREATE INDEX t_i ON t (id) WHERE s = 'blue';
CREATE INDEX t_e ON t ((s = 'blue'));
