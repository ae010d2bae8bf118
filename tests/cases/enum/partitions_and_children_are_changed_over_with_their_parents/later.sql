CREATE TABLE days (id bigint, day date NOT NULL, mood mood DEFAULT 'happy') PARTITION BY RANGE (day);
CREATE TABLE days_2024 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE days_2025 PARTITION OF days (mood DEFAULT 'sad') FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE parent (id bigint, mood mood);
CREATE TABLE child (extra text) INHERITS (parent);
ALTER TABLE child ALTER COLUMN mood SET DEFAULT 'sad';
INSERT INTO days VALUES (1, '2024-02-02', 'happy'), (2, '2025-02-02', 'sad');
