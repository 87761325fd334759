alter database "frontrow" primary region "us-east1";
alter database "frontrow" add region if not exists "europe-west1";
alter database "frontrow" add region if not exists "asia-southeast1";
alter database "frontrow" survive region failure;
