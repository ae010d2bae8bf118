CREATE STATISTICS IF NOT EXISTS public.places (ndistinct,
    dependencies) -- both
  ON city, street FROM public.users;
