/**
 * 64 clients fight for 200 seats at a time over the whole path of a sale: most of them through the
 * use-cases of one server, the others over HTTP through a second one, while reservations run out
 * under them. Nothing is sold twice, and what was acknowledged is there.
 *
 * FRONTROW_SALE_ATTEMPTS says how many attempts a hold book gets, FRONTROW_RACE_SEED which course.
 */
import pino from 'pino'
import { expect, it } from 'vitest'
import { findFreePort } from '../../regions/local/free-port.ts'
import { openServices } from '../../server/open-services.ts'
import { startTelemetry } from '../../server/platform/telemetry.ts'
import { type Acknowledged, disagreements, readEndState } from '../support/agreement.ts'
import { redisMissing } from '../support/redis.ts'
import { openSaleSystem, type SaleSystem, type Sql, tokenFor } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { endSomeReservations, openBystander, settleAll } from './bystander.ts'
import { callsInProcess, callsOverHttp } from './fan-calls.ts'
import { RaceClient, RaceRecord, seededRandom } from './race-client.ts'

const clients = 64
const clientsOverHttp = 8
const eventsAtOnce = 2
/** By then most of the seats are sold: the next events begin. */
const attemptsPerHeat = 1_000
const wished = process.env['FRONTROW_SALE_ATTEMPTS']
/** A hold in SQL is a commit. */
const attempts = { redis: Number(wished ?? 12_000), sql: Number(wished ?? 4_000) }
const seed = Number(process.env['FRONTROW_RACE_SEED'] ?? 1)
/** Each time so many attempts have passed, the oldest reservations run out. */
const attemptsBetweenEnds = 200
const endsAtOnce = 20
const timeout = 15 * 60_000

for (const book of ['sql', 'redis'] as const) {
  describeUnless(book === 'redis' ? redisMissing() : null, `with the ${book} hold book`, () => {
    it('no seat is sold twice, and no acknowledged order is lost', { timeout }, async () => {
      await using system = await openSaleSystem({ book, settings: { DATABASE_POOL_MAX: '32' } })
      await using second = await openSecondServer(system)
      await using bystander = openBystander(system.databaseUrl)
      const { sql } = bystander
      const record = new RaceRecord()
      const racers = await Promise.all(
        Array.from({ length: clients }, async (_, index) => {
          const name = `racer-${index}`
          const calls =
            index < clientsOverHttp
              ? callsOverHttp(system.url, await tokenFor(system.url, { name }))
              : callsInProcess(second.services, name)
          return new RaceClient({ calls, record, random: seededRandom(seed * 1_000 + index) })
        }),
      )
      for (let done = 0; done < attempts[book]; done += attemptsPerHeat) {
        await runHeat({ system, sql }, racers)
      }
      await settleAll(sql)
      const { acknowledged, outcomes } = record
      process.stdout.write(
        `${book}: seed ${seed}, ${attempts[book]} attempts, ${acknowledged.length} told as paid, ` +
          `${JSON.stringify(outcomes)}\n`,
      )
      expect(await faults(system, acknowledged)).toEqual([])
      expect(acknowledged.length).toBeGreaterThan(0)
    })
  })
}

type Heat = { readonly system: SaleSystem; readonly sql: Sql }

async function runHeat({ system, sql }: Heat, racers: readonly RaceClient[]): Promise<void> {
  const events: string[] = []
  while (events.length < eventsAtOnce) events.push(await system.newEvent({ limitPerBuyer: 50 }))
  let left = attemptsPerHeat
  await Promise.all(
    racers.map(async (racer) => {
      while (left > 0) {
        left -= 1
        if (left % attemptsBetweenEnds === 0) await endSomeReservations(sql, endsAtOnce)
        await racer.attempt(events)
      }
    }),
  )
}

/** Another server of the region: a hold book and caches of its own, the same tables and keys. */
async function openSecondServer({ config }: SaleSystem) {
  const telemetry = await startTelemetry({ host: config.HOST, port: await findFreePort() })
  const opened = await openServices(config, { log: pino({ level: 'silent' }), telemetry })
  return {
    services: opened.services,
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]()
      await telemetry[Symbol.asyncDispose]()
    },
  }
}

async function faults(
  { databaseUrl, simulator }: SaleSystem,
  acknowledged: readonly Acknowledged[],
): Promise<string[]> {
  const end = await readEndState({ databaseUrl, simulatorUrl: simulator.url })
  return disagreements(end, acknowledged)
}
