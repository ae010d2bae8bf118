CREATE TABLE t (id int, s mood DEFAULT 'sad', arr mood[] DEFAULT '{sad,happy}', CHECK (s <> 'sad' OR id > 0), CONSTRAINT c2 CHECK (s IN ('sad', 'happy')));
CREATE INDEX t_i ON t (id) WHERE s = 'sad';
CREATE INDEX t_e ON t ((s = 'sad'));
