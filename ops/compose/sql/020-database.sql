-- Regions exist because nodes of them are up. us-east1 is home of what has no region of its own.
create database if not exists frontrow primary region "us-east1" regions "us-east1", "europe-west1", "asia-southeast1" survive region failure;
