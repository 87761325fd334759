-- A node that is stopped says so for longer than the balancers need to notice (every 2 s, 3 times).
set cluster setting server.shutdown.initial_wait = '8s';
-- Schema changes take leases in the system database. Pinned to one region, from which the migrations
-- run, they do not cross the world for each; other regions keep copies, so that its loss is survived.
alter database system configure zone using constraints = '{"+region=us-east1": 1}', lease_preferences = '[[+region=us-east1]]';
