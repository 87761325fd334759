/** The faults of the local target that befall its database and its payment provider. */
import type { LocalSystem } from '../../regions/local/start-local.ts'
import { databaseKilled, databaseStalled } from './database-faults.ts'
import { databaseStruck } from './database-struck.ts'
import type { Fault } from './fault.ts'
import { type FaultMaker, NotHereError } from './fault-maker.ts'
import { sleptService } from './slept-service.ts'
import { stripeRefuses, stripeRule } from './stripe-faults.ts'
import { StruckLink } from './struck-link.ts'

type StruckFaults = Pick<
  FaultMaker,
  'databaseKilled' | 'databaseStalled' | 'databaseStruck' | 'stripeDown' | 'stripeRule'
>

/** Streams of the seed that nothing else draws from. */
const firstStream = 7_000

type Struckable = Pick<LocalSystem, 'pids' | 'databaseUrl' | 'stripeUrl' | 'links'> & {
  readonly regions: Readonly<Record<string, unknown>>
}

/** @param seed draws which statements are struck, and where replies break off */
export function struckFaults(system: Struckable, seed: number): StruckFaults {
  const ways = struckLinks(system, seed)
  const stripeUrl = () => {
    if (system.stripeUrl !== null) return system.stripeUrl
    throw new NotHereError('Stripe is not the simulator here (STRIPE_SECRET_KEY).')
  }
  return {
    databaseKilled: () => databaseKilled(system),
    databaseStalled: () => databaseStalled(system),
    databaseStruck: (rule, region) => databaseStruck(rule, waysOf(ways, region)),
    stripeDown: (form = 'refuses') =>
      form === 'refuses' ? stripeRefuses(stripeUrl()) : stripeSleeps(system, stripeUrl()),
    stripeRule: (rule) => stripeRule(stripeUrl(), rule),
  }
}

function struckLinks({ regions, links }: Struckable, seed: number): Record<string, StruckLink> {
  if (links === null) return {}
  return Object.fromEntries(
    Object.keys(regions).map((region, index) => {
      const stream = firstStream + index
      return [region, new StruckLink({ links, region, seed, stream })]
    }),
  )
}

function waysOf(ways: Record<string, StruckLink>, region: string | undefined) {
  if (region === undefined) return ways
  const way = ways[region]
  if (way === undefined) throw new NotHereError(`There is no region ${region} with links.`)
  return { [region]: way }
}

function stripeSleeps(system: Struckable, url: string): Fault {
  return sleptService({
    kind: 'stripe.down',
    where: 'stripe',
    said: 'Stripe takes connections and answers none',
    pid: () => system.pids.stripeSimulator,
    port: Number(new URL(url).port),
  })
}
