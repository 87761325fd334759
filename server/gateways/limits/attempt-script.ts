/**
 * The attempts of one account in Redis, each change one script. KEYS: this block's hash (`count`,
 * `last`, `known`), and the count of all blocks. The waits are those of domain/attempts.ts; a
 * shared test holds the two together.
 */
import { limits } from '../../platform/limits.ts'

const settings = {
  free: limits.attemptsFree,
  freeEverywhere: limits.attemptsFreeEverywhere,
  base: limits.attemptDelayBaseMs,
  max: limits.attemptDelayMaxMs,
  maxElsewhere: limits.attemptDelayElsewhereMaxMs,
  memory: limits.attemptsMemoryMs,
  knownMemory: limits.attemptsKnownMs,
}

const given = Object.entries(settings)
  .map(([name, value]) => `local ${name} = ${value}`)
  .join('\n')

const opening = `
${given}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local state = redis.call('HMGET', KEYS[1], 'count', 'last', 'known')
local here = tonumber(state[1] or '0')
local last = tonumber(state[2] or '0')
local known = state[3] == '1'
local function keep()
  redis.call('PEXPIRE', KEYS[1], known and knownMemory or memory)
end
`

export const attemptScripts = {
  /** @returns milliseconds to wait; 0: go on, the attempt is counted */
  check: `${opening}
local everywhere = tonumber(redis.call('GET', KEYS[2]) or '0')
local function doubled(steps, most)
  if steps < 0 then return 0 end
  return math.min(most, base * 2 ^ math.min(steps, 40))
end
local delay = doubled(here - free, max)
if not known then
  delay = math.max(delay, doubled(everywhere - freeEverywhere, maxElsewhere))
end
if delay > 0 then
  if last == 0 then
    redis.call('HSET', KEYS[1], 'last', now)
    keep()
    return delay
  end
  if now < last + delay then return last + delay - now end
end
redis.call('HSET', KEYS[1], 'count', here + 1, 'last', now)
keep()
redis.call('SET', KEYS[2], everywhere + 1, 'PX', memory)
return 0`,
  failed: `${opening}
redis.call('HSET', KEYS[1], 'last', now)
keep()
return 0`,
  succeeded: `${opening}
local everywhere = tonumber(redis.call('GET', KEYS[2]) or '0') - here
if everywhere > 0 then redis.call('SET', KEYS[2], everywhere, 'PX', memory)
else redis.call('DEL', KEYS[2]) end
known = true
redis.call('HSET', KEYS[1], 'count', 0, 'last', 0, 'known', 1)
keep()
return 0`,
} as const
