alter table price_tiers set locality global
