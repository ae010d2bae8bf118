CREATE TABLE days (day date NOT NULL, mood mood DEFAULT 'happy', CONSTRAINT fine CHECK (mood <> 'sad')) PARTITION BY RANGE (day);
CREATE TABLE days_2024 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER TABLE days_2024 ADD CONSTRAINT known CHECK (mood >= 'sad');
CREATE TABLE parent (mood mood, CONSTRAINT fine CHECK (mood <> 'sad'), CONSTRAINT own CHECK (mood > 'sad') NO INHERIT);
CREATE TABLE child (extra text) INHERITS (parent);
CREATE INDEX happy_children ON child (extra) WHERE mood = 'happy';
INSERT INTO days VALUES ('2024-02-02', 'happy');
COMMENT ON CONSTRAINT fine ON child IS 'By hand.';
