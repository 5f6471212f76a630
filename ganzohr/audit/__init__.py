"""Who did what when; state moves. Callers write `from ganzohr.audit import actions as audit`."""
