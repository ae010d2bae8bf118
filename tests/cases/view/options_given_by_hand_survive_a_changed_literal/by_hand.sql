ALTER VIEW "It's" SET (security_invoker);
ALTER VIEW checked SET (security_barrier, check_option = local);
