/**
 * Whether time tells a stranger that a thing exists: orders, tickets and holds of somebody else
 * and of nobody, asked for in random order by one caller, over HTTP, against a system of its own.
 * For each kind: both medians, and how often a foreign one took longer than a missing one (the
 * Mann-Whitney statistic as a share: 0.5 is a coin's flip), with its z value.
 *
 * A procedure tells when both are so: the difference is no chance (two-sided, 1% over all procedures
 * by Bonferroni), and it is large enough to be of use, a share beyond 0.5 ± 0.06: whoever asks once
 * then guesses right in more than 56 of 100. Ends with 1 when one tells.
 *
 *   npm run bench:foreign-ids
 */
import { createClient } from '../client/index.ts'
import { fetchToken } from './onsale/identities.ts'
import { makeOrganiser, publishArena } from './onsale/publish-arena.ts'
import { bringSystem } from './onsale/system-under-sale.ts'

const pairs = 2_000
const warmUp = 200
const asked = ['orders.get', 'tickets.get', 'holds.get'] as const
/** Of the normal distribution, two-sided: 0.01 / 3. */
const zMin = 2.935
const shareMin = 0.06
const telling: string[] = []

const { signal } = new AbortController()
await using system = await bringSystem(null, {
  environment: process.env,
  log: (line) => void process.stderr.write(`${line}\n`),
  signal,
  regions: 1,
})
const url = system.places[0]?.urls[0] ?? ''
const clientOf = async (name: string, more: object = {}) =>
  createClient({ endpoints: [url], token: await fetchToken(url, { name, ...more }) })

const organisation = await makeOrganiser(await clientOf('root', { admin: true }))
const organiser = await clientOf('organiser', { roles: { [organisation]: 'manager' } })
const event = await publishArena(organiser, organisation)
const foreign = await buy()
const stranger = { authorization: `Bearer ${await fetchToken(url, { name: 'stranger' })}` }

print(`${pairs} pairs each, one after the other; ms`)
print('asked for           foreign  missing   foreign slower      z')
await compare('orders.get', (suffix) => ({ order: `ord_use1_${suffix}` }), foreign.order)
await compare('tickets.get', (suffix) => ({ ticket: `tkt_use1_${suffix}_0` }), foreign.order)
await compare(
  'holds.get',
  (suffix) => ({ event: event.id, hold: `ord_use1_${suffix}` }),
  foreign.hold,
)

print(
  telling.length === 0
    ? `nobody can tell: none of ${asked.join(', ')} is beyond 0.5 ± ${shareMin} with z beyond ${zMin}`
    : `told by its time: ${telling.join(', ')}`,
)
if (telling.length > 0) process.exitCode = 1

async function buy() {
  const fan = await clientOf('fan')
  const seats = { kind: 'standing', count: 2 } as const
  const paymentMethod = 'pm_card_visa'
  const { order } = await fan.buy({ key: fan.newKey(), event: event.id, seats, paymentMethod })
  const hold = await fan.holds.place.mutate({ event: event.id, key: fan.newKey(), seats })
  const suffixOf = (id: string) => id.split('_').at(-1) ?? ''
  return { order: suffixOf(order.id), hold: suffixOf(hold.id) }
}

type InputOf = (suffix: string) => object

async function compare(
  path: (typeof asked)[number],
  inputOf: InputOf,
  existing: string,
): Promise<void> {
  const took = { foreign: [] as number[], missing: [] as number[] }
  for (let pair = -warmUp; pair < pairs; pair += 1) {
    const order =
      Math.random() < 0.5 ? (['foreign', 'missing'] as const) : (['missing', 'foreign'] as const)
    for (const kind of order) {
      const suffix = kind === 'foreign' ? existing : `${existing.slice(0, 18)}${randomTail()}`
      const ms = await timed(path, inputOf(suffix))
      if (pair >= 0) took[kind].push(ms)
    }
  }
  const { share, z } = mannWhitney(took.foreign, took.missing)
  if (Math.abs(share - 0.5) > shareMin && Math.abs(z) > zMin) telling.push(path)
  const cells = [median(took.foreign), median(took.missing)].map((ms) => ms.toFixed(3).padStart(8))
  print(
    `${path.padEnd(18)} ${cells.join(' ')}   ${share.toFixed(3).padStart(14)} ${z.toFixed(1).padStart(6)}`,
  )
}

/** Eight characters that no id has by chance. */
function randomTail(): string {
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  return Array.from({ length: 8 }, () => letters[Math.floor(Math.random() * 32)]).join('')
}

async function timed(path: string, input: object): Promise<number> {
  const target = `${url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`
  const startedMs = performance.now()
  const answer = await fetch(target, { headers: stranger })
  await answer.arrayBuffer()
  const ms = performance.now() - startedMs
  if (answer.status !== 404) throw new Error(`${path} answered ${answer.status}, not 404`)
  return ms
}

/** https://en.wikipedia.org/wiki/Mann%E2%80%93Whitney_U_test, large samples, ties ignored. */
function mannWhitney(one: readonly number[], other: readonly number[]) {
  const all = [...one.map((ms) => ({ ms, own: true })), ...other.map((ms) => ({ ms, own: false }))]
  all.sort((a, b) => a.ms - b.ms)
  const rankSum = all.reduce((sum, { own }, index) => (own ? sum + index + 1 : sum), 0)
  const [n, m] = [one.length, other.length]
  const u = rankSum - (n * (n + 1)) / 2
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12)
  return { share: u / (n * m), z: (u - (n * m) / 2) / deviation }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
