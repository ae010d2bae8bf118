-- More room.
ALTER TABLE users ALTER COLUMN name TYPE text
