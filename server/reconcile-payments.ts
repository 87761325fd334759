/**
 * `npm run reconcile`: every PaymentIntent of Stripe of a time against the orders of the database.
 * Made for the day after the database was restored to an older moment. Ends with 0 when all agree or
 * was brought to agree, 1 when something is left, 2 when it could not be found out.
 */
import { parseArgs } from 'node:util'
import { askEngine } from '../migrations/engine.ts'
import { type Reconciled, reconcilePayments } from './application/reconcile-payments.ts'
import { regionPairs } from './config.ts'
import { openStripe } from './gateways/stripe.ts'
import { stripeLedger } from './gateways/stripe-ledger.ts'
import { systemClock } from './platform/clock.ts'
import { limits } from './platform/limits.ts'
import { systemRandom } from './platform/random.ts'
import { RegionTable } from './platform/regions.ts'
import { openDatabase } from './stores/database.ts'

const usage = `Usage: npm run reconcile -- --since <time> [--until <time>] [--apply] [--json]

  --since   begin: an hour before the moment to which the database was restored
  --until   end; unless told, as long ago as a checkout may be under way. When no server runs: now
  --apply   cancels what has no order, and refunds what was taken for none; without it, only looks
  --json    one JSON document a line instead of text

Times are like 2026-11-28T07:00:00Z. Set DATABASE_URL, REGIONS (name=code,…) and STRIPE_SECRET_KEY.
docs/runbooks/database-loss-and-restore.md says when.
`

class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What is left to do, said to a person. */
const words = {
  cancel: 'no order: cancel',
  refund: 'taken for no tickets: refund',
  unpaid: 'TICKETS WITHOUT MONEY: decide by hand',
  wait: 'Stripe still works on it: look again',
} as const

/** An intent is made before its order is written, and a lost answer is asked for again. */
const underWayMs = limits.holdLifeMaxMs + limits.reservationMs

try {
  process.exitCode = await run(readWish())
} catch (cause) {
  const { message } = cause as Error
  process.stderr.write(cause instanceof UsageError ? `${message}\n${usage}` : `${message}\n`)
  process.exitCode = 2
}

type Wish = ReturnType<typeof readWish>

function readWish() {
  const values = options()
  const {
    DATABASE_URL: url,
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_API_URL: apiUrl,
    REGIONS,
  } = process.env
  const regions = regionPairs.safeParse(REGIONS)
  if (!url || !secretKey) throw new UsageError('DATABASE_URL or STRIPE_SECRET_KEY is missing.')
  if (!regions.success) throw new UsageError(`REGIONS ${regions.error.issues[0]?.message}.`)
  const from = timeOf('since', values.since)
  if (from === null) throw new UsageError('--since is missing.')
  const to = timeOf('until', values.until) ?? new Date(systemClock.nowMs() - underWayMs)
  const { apply: isToAct = false, json = false } = values
  const stripe = { secretKey, ...(apiUrl ? { apiUrl } : {}) }
  return { url, stripe, regions: regions.data, from, to, isToAct, json }
}

function options() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({ options: { since: text, until: text, apply: flag, json: flag } }).values
  } catch (cause) {
    throw new UsageError((cause as Error).message)
  }
}

function timeOf(name: string, text: string | undefined): Date | null {
  if (text === undefined) return null
  const time = new Date(text)
  // Without a zone it would be this machine's.
  if (/(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(time.getTime())) return time
  throw new UsageError(`--${name} is a time like 2026-11-28T07:00:00Z, not "${text}".`)
}

/** @returns the program's exit code */
async function run({ url, stripe, regions, from, to, isToAct, json }: Wish): Promise<number> {
  await using db = openDatabase({
    url,
    poolMax: 1,
    engine: (await askEngine(url)).kind,
    clock: systemClock,
    random: systemRandom,
  })
  const ledger = stripeLedger(openStripe(stripe))
  const counts = new Map<string, number>()
  let left = 0
  const needs = { db, regions: new RegionTable(regions), ledger }
  for await (const one of reconcilePayments(needs, { from, to, isToAct })) {
    counts.set(one.finding, (counts.get(one.finding) ?? 0) + 1)
    const isTold = one.finding !== 'agrees' && one.finding !== 'foreign'
    if (isTold && one.done !== true) left += 1
    if (json || isTold) process.stdout.write(json ? asJson(one) : asText(one))
  }
  if (!json) process.stdout.write(summary({ from, to, counts, left }))
  return left === 0 ? 0 : 1
}

function asJson({ intent, ...rest }: Reconciled): string {
  const { amount, ...facts } = intent
  return `${JSON.stringify({ ...facts, amount: amount.amount, currency: amount.currency, ...rest })}\n`
}

function asText({ intent, finding, orderState, done, fault }: Reconciled): string {
  const said = finding in words ? words[finding as keyof typeof words] : finding
  const end = done === null ? '' : done ? ' - done' : ` - NOT DONE: ${fault}`
  const { id, order, status, amount, madeAt } = intent
  const money = `${amount.amount} ${amount.currency}`
  const facts = [madeAt.toISOString(), id, order, orderState ?? 'no order', status, money]
  return `${facts.join('  ')}  ${said}${end}\n`
}

type Summed = Pick<Wish, 'from' | 'to'> & {
  readonly counts: ReadonlyMap<string, number>
  readonly left: number
}

function summary({ from, to, counts, left }: Summed): string {
  const sums = [...counts].map(([finding, times]) => `${times} ${finding}`).join(', ')
  const span = `${from.toISOString()} to ${to.toISOString()}`
  return `${span}: ${sums === '' ? 'no payments' : sums}; ${left} left\n`
}
