CREATE TABLE days (day date NOT NULL, mood mood) PARTITION BY RANGE (day);
CREATE TABLE days_2024 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX happy_days ON days (day) WHERE mood = 'happy';
