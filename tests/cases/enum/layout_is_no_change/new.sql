-- how somebody feels
CREATE TYPE public.mood AS ENUM (
    'sad',
    'happy'
);
