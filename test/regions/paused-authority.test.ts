/**
 * The authority falls asleep with calls in its hands, another region takes over, and it wakes up.
 * It must write nothing any more. When it wakes up all others are put to sleep, for less than a
 * lease lasts: whatever is written in that time, it has written, and no row of its events may be
 * another one. Seed by seed the authority goes from region to region.
 *
 * FRONTROW_PAUSE_SEEDS=100 for a long run, FRONTROW_PAUSE_FROM to begin at another seed.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Drill, openDrill } from '../../bench/failover/drill.ts'
import { untilFollowed } from '../../bench/failover/restore.ts'
import { seededChance } from '../../bench/onsale/seeded-chance.ts'
import { type Client, createClient, FrontrowError } from '../../client/index.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'

const seeds = Number(process.env['FRONTROW_PAUSE_SEEDS'] ?? 2)
const firstSeed = Number(process.env['FRONTROW_PAUSE_FROM'] ?? 1)
const longRun = 10
const home = 'us-east1'
const callsOfAKind = 12
/** Longer than a takeover takes; a call that cannot be done is answered with a refusal by then. */
const answerWithinMs = 12_000
/** Calls are begun in this time, and it falls asleep in its second half: some are done by then. */
const callsWithinMs = 150
/** Others sleep so long: a lease has 2 s left at least, and what it had in hand it does at once. */
const aloneMs = 1_200

type Answer = { readonly what: string; readonly order: string | null; readonly said: string }

describeUnless(redisMissing(), 'an authority that sleeps past its lease', () => {
  let drill: Drill
  beforeAll(async () => {
    drill = await openDrill({ environment: process.env, latency: false })
    await untilFollowed(drill)
  }, 180_000)
  afterAll(() => drill?.[Symbol.asyncDispose](), 60_000)

  it('writes nothing when it wakes up', { timeout: 60_000 + seeds * 30_000 }, async () => {
    const tally = new Map<string, number>()
    let alone = 0
    for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
      const { answers, wasAlone } = await onePause(drill, seed)
      if (wasAlone) alone += 1
      if (seeds > longRun) process.stdout.write(`seed ${seed} is over\n`)
      for (const { what, said } of answers) {
        tally.set(`${what} ${said}`, (tally.get(`${what} ${said}`) ?? 0) + 1)
      }
    }
    expect(alone, 'pauses after which it alone could have written').toBeGreaterThan(0)
    process.stdout.write(
      `${seeds} pauses, ${alone} watched alone: ${JSON.stringify(Object.fromEntries(tally))}\n`,
    )
  })
})

type Pause = {
  readonly answers: readonly Answer[]
  /** False: a lease ran out while all others slept, and it rightly took over again. */
  readonly wasAlone: boolean
}

async function onePause(drill: Drill, seed: number): Promise<Pause> {
  const chance = seededChance(seed, 0)
  const before = await drill.authorityOf(home)
  const asleep = drill.region(before.region)
  const others = drill.names.flatMap((name) => (name === asleep.name ? [] : [drill.region(name)]))
  const calls = await prepareCalls(drill, { seed, url: asleep.url })
  const answering = calls.map(async (call) => {
    await wait(chance.below(callsWithinMs))
    return call()
  })
  await wait(callsWithinMs / 2 + chance.below(callsWithinMs / 2))
  const { server } = asleep.pids
  // Every other time its Redis stays awake: then what the server asks there is done.
  const isWhole = seed % 2 === 0
  const [stop, go] = isWhole
    ? [() => asleep.pause(), () => asleep.resume()]
    : [async () => signal(server, 'SIGSTOP'), async () => signal(server, 'SIGCONT')]
  await stop()
  try {
    const moved = async () => (await drill.authorityOf(home)).epoch > before.epoch
    await eventually(moved, { what: `seed ${seed}: a takeover`, timeoutMs: 60_000 })
    // Alone with the database: whatever is written from here on, the one that slept writes.
    await drill.links.setFault('stripe/regions', { kind: 'black-hole' })
    for (const to of drill.names) {
      if (to === asleep.name) continue
      await drill.links.setFault(`${asleep.name}/${to}`, { kind: 'black-hole' })
    }
    await allDone(drill)
    const { epoch } = await drill.authorityOf(home)
    for (const other of others) signal(other.pids.server, 'SIGSTOP')
    const rows = await rowsOf(drill)
    await go()
    await wait(aloneMs)
    const after = await rowsOf(drill)
    const wasAlone = (await drill.authorityOf(home)).epoch === epoch
    for (const other of others) signal(other.pids.server, 'SIGCONT')
    if (wasAlone) expect(after, `seed ${seed}`).toEqual(rows)
    const answers = await Promise.all(answering)
    judge(answers, await rowsOf(drill), seed)
    return { answers, wasAlone }
  } finally {
    await go().catch(() => undefined)
    for (const other of others) signal(other.pids.server, 'SIGCONT')
    await drill.links.heal()
    await untilFollowed(drill)
  }
}

/** Each of a fan of its own, sent to this server and to no other, once. */
async function prepareCalls(
  drill: Drill,
  { seed, url }: { readonly seed: number; readonly url: string },
): Promise<(() => Promise<Answer>)[]> {
  const { id: event = '' } = drill.events[home] ?? {}
  const kinds = ['hold', 'start', 'confirm'] as const
  const wishes = kinds.flatMap((kind) => Array.from({ length: callsOfAKind }, () => kind))
  return Promise.all(
    wishes.map(async (kind, index) => {
      const token = await drill.token({ name: `pause-${seed}-${index}` })
      const options = { endpoints: [url], token, attemptsMax: 1, deadlineMs: answerWithinMs }
      const client = createClient(options)
      const units = [(seed % 100) * wishes.length + index]
      const place = () =>
        client.holds.place.mutate({ event, key: client.newKey(), seats: { kind: 'units', units } })
      if (kind === 'hold') return () => answerOf('hold', null, place())
      const { id, token: holdToken } = await place()
      const start = () => client.checkout.start.mutate({ holdToken })
      if (kind === 'start') return () => answerOf('start', id, start())
      await start()
      return () => answerOf('confirm', id, confirm(client, id))
    }),
  )
}

function confirm(client: Client, order: string): Promise<unknown> {
  return client.checkout.confirm.mutate({ order, paymentMethod: 'pm_card_visa' })
}

async function answerOf(
  what: string,
  order: string | null,
  call: Promise<unknown>,
): Promise<Answer> {
  try {
    await call
    return { what, order, said: 'done' }
  } catch (cause) {
    if (!(cause instanceof FrontrowError)) throw cause
    const { code, transient, outcome } = cause
    const said = transient || outcome === 'unknown' ? code : `final ${code}`
    return { what, order, said }
  }
}

/** What was answered as done is in the rows; nobody was refused for good. */
function judge(answers: readonly Answer[], rows: Rows, seed: number): void {
  const states = new Map(rows.orders.map(({ id, state }) => [id, state]))
  for (const { what, order, said } of answers) {
    const told = `seed ${seed}: ${what} ${order} ${said}`
    expect(said, told).not.toMatch(/^final /)
    if (said !== 'done' || order === null) continue
    expect(states.get(order), told).toBe(what === 'confirm' ? 'paid' : 'pending')
  }
}

type Rows = {
  readonly orders: readonly { readonly id: string; readonly state: string }[]
  readonly others: readonly { readonly order: string | null }[]
}

async function rowsOf({ sql }: Drill): Promise<Rows> {
  const orders = await sql<{ id: string; state: string }>(
    'select id, state, version::int4, paid_at from orders where region = $1 order by id',
    [home],
  )
  const others = await sql<{ order: string | null }>(
    `select 'claim' as kind, c.unit::text as id, c.state, c.version::int4 as version,
      c.order_id as "order" from claims c
      where c.region = $1 and c.state in ('held', 'reserved', 'sold')
    union all select 'payment', p.order_id, p.state, p.version::int4, p.order_id from payments p
      where p.region = $1
    union all select 'ticket', t.order_id || t.unit, t.state, 0, t.order_id from tickets t
      where t.region = $1
    order by 1, 2`,
    [home],
  )
  return { orders, others }
}

/** The new authority has finished what was sold before: from here on it has nothing to write. */
async function allDone({ sql }: Drill): Promise<void> {
  const isDone = async () => {
    const [row] = await sql<{ open: number }>(
      `select count(*)::int4 as open from outbox
      where region = $1 and done_at is null and kind <> 'order.started'`,
      [home],
    )
    return row?.open === 0
  }
  await eventually(isDone, { what: 'all is captured', timeoutMs: 90_000 })
}

function signal(pid: number | null, name: 'SIGSTOP' | 'SIGCONT'): void {
  if (pid !== null) process.kill(pid, name)
}
