ALTER VIEW w SET (security_invoker = true);
