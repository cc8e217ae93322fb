"""Run reports, notices and the runbook's rules."""
