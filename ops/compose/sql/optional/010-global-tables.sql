-- Writes of GLOBAL tables (a price, an event) wait as long as the measured network asks for, and not
-- for the 800 ms that are safe everywhere.
set cluster setting kv.closed_timestamp.lead_for_global_reads_auto_tune.enabled = true;
