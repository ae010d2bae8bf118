GRANT SELECT (inhabitants) ON cities TO PUBLIC;
ALTER VIEW cities ALTER COLUMN inhabitants SET DEFAULT 1;
