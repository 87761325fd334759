-- A wish to hold (asked: id, buyer, digest, terms, count, ttlMs, capMs, limit): is it answered
-- before any unit is looked at? By the first answer to its key, or by the limit per buyer.
local function answered()
  local record, ended, digest = recall(asked.id)
  if digest and digest ~= '' and digest ~= asked.digest then return { 'KEY_REUSED' } end
  -- A reservation that was rebuilt from SQL has no terms any more: its order answers for it.
  if ended or (record and not record.terms) then return { 'ENDED' } end
  if record then return tell('REPEATED', asked.id, record, deadlineOf(asked.id)) end
  local already = countOf(asked.buyer)
  if already + asked.count > asked.limit then return { 'LIMIT', already } end
  return nil
end

local function hold(units)
  local record = {
    buyer = asked.buyer,
    units = units,
    digest = asked.digest,
    terms = asked.terms,
    cap = now + asked.capMs,
  }
  give(asked.id, asked.buyer, units, HELD)
  keep(asked.id, record, now + asked.ttlMs)
  stayAlive()
  return tell('HELD', asked.id, record, now + asked.ttlMs)
end
