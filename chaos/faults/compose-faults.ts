/** All faults that Docker's own means can set on the system of docker-compose.multi-region.yml. */
import type { Containers } from '../compose/containers.ts'
import {
  type ComposeRegion,
  composeRegions,
  partsOf,
  servicesOf,
  stripeService,
} from '../compose/places.ts'
import { killed } from './compose/kill-faults.ts'
import { linkFaulty } from './compose/link-faults.ts'
import { paused } from './compose/pause-faults.ts'
import { redisFull, redisWiped } from './compose/redis-faults.ts'
import type { Fault } from './fault.ts'
import { type FaultMaker, NotHereError } from './fault-maker.ts'
import { stripeRefuses, stripeRule } from './stripe-faults.ts'

export function composeFaults(containers: Containers, stripeUrl: string): FaultMaker {
  return {
    ...regionFaults(containers),
    ...redisFaults(containers),
    ...databaseFaults(containers),
    link: (patterns, fault) => linkFaulty(containers, patterns, fault),
    stripeDown: (form = 'refuses') =>
      form === 'refuses' ? stripeRefuses(stripeUrl) : stripeSleeps(containers),
    stripeRule: (rule) => stripeRule(stripeUrl, rule),
    serverOldVersion: () =>
      notHere('Servers on Compose run from one image, and no older one is built.'),
    databaseStruck: () =>
      notHere('On Compose no proxy stands before the database that could strike at statements.'),
    clockShifted: () =>
      notHere('Containers have the clock of their machine, which cannot be shifted for one alone.'),
    logFull: () => notHere("Docker keeps a container's log, and cannot refuse to."),
  }
}

type Made<Name extends keyof FaultMaker> = Pick<FaultMaker, Name>

function regionFaults(
  containers: Containers,
): Made<'regionLost' | 'regionPaused' | 'serverKilled' | 'serverPaused'> {
  return {
    regionLost: (region) =>
      killed(containers, {
        kind: 'region.lost',
        where: region,
        said: `${region} is lost: all of its containers are killed, its nodes of the database too`,
        services: servicesOf(regionOf(region)),
        isKept: false,
      }),
    regionPaused: (region) =>
      paused(containers, {
        kind: 'region.paused',
        where: region,
        said: `${region} sleeps, with its connections open`,
        services: servicesOf(regionOf(region)),
      }),
    serverKilled: (region) =>
      killed(containers, {
        kind: 'server.killed',
        where: `${region}/server`,
        said: `the server of ${region} is killed`,
        services: [partsOf(regionOf(region)).server],
        isKept: true,
      }),
    serverPaused: (region) =>
      paused(containers, {
        kind: 'server.paused',
        where: `${region}/server`,
        said: `the server of ${region} sleeps, and its Redis does not`,
        services: [partsOf(regionOf(region)).server],
      }),
  }
}

function redisFaults(
  containers: Containers,
): Made<
  'redisKilled' | 'redisWiped' | 'redisPaused' | 'redisFull' | 'redisOldData' | 'redisWrongBook'
> {
  const redisOf = (region: string) => partsOf(regionOf(region)).redis
  return {
    redisKilled: (region) =>
      killed(containers, {
        kind: 'redis.killed',
        where: `${region}/redis`,
        said: `Redis of ${region} is killed`,
        services: [redisOf(region)],
        isKept: true,
      }),
    redisWiped: (region) => redisWiped(containers, { region, service: redisOf(region) }),
    redisPaused: (region) =>
      paused(containers, {
        kind: 'redis.paused',
        where: `${region}/redis`,
        said: `Redis of ${region} sleeps`,
        services: [redisOf(region)],
      }),
    redisFull: (region) => redisFull(containers, { region, service: redisOf(region) }),
    redisOldData: () => notHere('On Compose nothing keeps a copy of the data of a Redis.'),
    redisWrongBook: () => notHere('On Compose nobody writes into a hold book by hand.'),
  }
}

/** Of a cluster, the loss of one node is no loss: all nodes of all regions are meant. */
function databaseFaults(containers: Containers): Made<'databaseKilled' | 'databaseStalled'> {
  const nodes = composeRegions.flatMap((region) => partsOf(region).nodes)
  return {
    databaseKilled: () =>
      killed(containers, {
        kind: 'database.killed',
        where: 'database',
        said: 'all nodes of the database are killed and start again over what was written',
        services: nodes,
        isKept: true,
      }),
    databaseStalled: () =>
      paused(containers, {
        kind: 'database.stalled',
        where: 'database',
        said: 'all nodes of the database sleep; what they were asked is done when they wake',
        services: nodes,
      }),
  }
}

function stripeSleeps(containers: Containers): Fault {
  return paused(containers, {
    kind: 'stripe.down',
    where: 'stripe',
    said: 'Stripe takes connections and answers none',
    services: [stripeService],
  })
}

/** @throws NotHereError */
function regionOf(name: string): ComposeRegion {
  const region = composeRegions.find((one) => one.name === name)
  return region ?? notHere(`There is no region ${name} on Compose.`)
}

function notHere(sentence: string): never {
  throw new NotHereError(sentence)
}
