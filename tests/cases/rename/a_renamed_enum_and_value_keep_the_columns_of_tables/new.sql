-- viewkeeper: renamed from mood
-- viewkeeper: 'blue' renamed from 'sad'
CREATE TYPE feeling AS ENUM ('blue', 'happy', 'calm');
COMMENT ON TYPE feeling IS 'How one feels.';
