/**
 * Several regions on one machine: one database, Stripe simulator and mail sink for all; a server
 * and a Redis for each; and links between all of them that are as late as between real regions,
 * and on which faults can be set.
 */
import { startControlServer } from '../control-http.ts'
import type { LinkControl } from '../links/link-control.ts'
import { portBeside, type ServerPorts } from '../local-ports.ts'
import { localRegions } from '../local-regions.ts'
import type { ServerNeeds } from '../server-settings.ts'
import { StartError } from '../start-error.ts'
import { startMail } from '../start-mail-part.ts'
import { type Ground, startDatabase, startPayments } from '../start-parts.ts'
import { type DrillRegion, openRegion, type Preload } from './open-region.ts'
import { prepareDatabase } from './prepare-database.ts'
import { regionCommands } from './region-commands.ts'
import { placesOf, type RegionToPlace } from './region-place.ts'
import { type RunningLinks, startLinks, webhookLink } from './start-links.ts'
import { writeTopologyFiles } from './topology-files.ts'

export type SeveralWish = {
  /** Of each region, in their order. */
  readonly ports: readonly ServerPorts[]
  readonly webhookPort: number
  readonly latency: boolean
  readonly commitLatency: boolean
  readonly preload: Preload
}

export type Several = {
  readonly regions: readonly DrillRegion[]
  readonly links: LinkControl
  readonly controlUrl: string
  /** Past all links. Holds a password: never log it. */
  readonly databaseUrl: string
  readonly stripeUrl: string | null
  readonly mailUrl: string | null
  readonly said: Readonly<Record<'database' | 'holds' | 'payments' | 'mail', string>>
  /** No region is started or taken down any more; what sleeps is woken. */
  readonly close: () => Promise<void>
}

/** @throws StartError with one sentence for a person, or the reason of the aborted signal. */
export async function startSeveral(ground: Ground, wish: SeveralWish): Promise<Several> {
  if (ground.outside.redisUrl !== null) {
    throw new StartError(
      'REDIS_URL names one Redis, and each of several regions has its own: leave it out.',
    )
  }
  const planned = localRegions.slice(0, wish.ports.length).flatMap((plan, index) => {
    const ports = wish.ports[index]
    return ports === undefined ? [] : [{ plan, ports }]
  })
  const shared = await startShared(ground, planned)
  const { databaseUrl, stripeUrl, mailUrl } = shared
  ground.signal.throwIfAborted()
  const links = await startLinks(ground, {
    ...wish,
    databaseUrl,
    servers: planned.map(({ plan, ports }) => ({ name: plan.name, httpPort: ports.http })),
  })
  const opened = openRegions(ground, planned, { ...shared, links, preload: wish.preload })
  const { regions } = opened
  try {
    // All settle before a fault is thrown, so that whatever started is known and stopped.
    const starts = regions.map((region) => region.start(ground.signal))
    await Promise.allSettled(starts)
    await Promise.all(starts)
    const last = wish.ports.at(-1)
    const port = await portBeside((last?.metrics ?? 0) + 1, new Set())
    const control = await startControlServer(port, regionCommands(regions, links.control))
    const close = async () => {
      await control[Symbol.asyncDispose]()
      await opened.close()
    }
    const said = { ...shared.said, holds: holdsSaid(regions) }
    const { url: controlUrl } = control
    return {
      regions,
      links: links.control,
      controlUrl,
      databaseUrl,
      stripeUrl,
      mailUrl,
      said,
      close,
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}

type Shared = Pick<Several, 'databaseUrl' | 'stripeUrl' | 'mailUrl'> &
  Pick<ServerNeeds, 'stripeSettings' | 'mailSettings'> & {
    readonly said: Omit<Several['said'], 'holds'>
  }

async function startShared(ground: Ground, planned: readonly RegionToPlace[]): Promise<Shared> {
  const ready = startDatabase(ground).then(async (database) => {
    const isOurs = ground.outside.databaseUrl === null
    const regions = planned.map(({ plan }) => plan)
    ground.signal.throwIfAborted()
    await prepareDatabase(database.url, { isOurs, regions })
    return database
  })
  const starts = [ready, startPayments(ground), startMail(ground)] as const
  await Promise.allSettled(starts)
  const [database, payments, mail] = await Promise.all(starts)
  return {
    databaseUrl: database.url,
    stripeUrl: payments.url,
    mailUrl: mail.url,
    stripeSettings: payments.settings,
    mailSettings: mail.settings,
    said: { database: database.said, payments: payments.said, mail: mail.said },
  }
}

type Common = Shared & Pick<SeveralWish, 'preload'> & { readonly links: RunningLinks }

/** None of them is started yet. */
function openRegions(ground: Ground, planned: readonly RegionToPlace[], common: Common) {
  const { links, databaseUrl } = common
  const places = placesOf(planned, links, databaseUrl)
  const files = writeTopologyFiles(ground.data, places)
  const onChange = (): Promise<void> => retargetWebhooks(regions, links.control)
  const opened = places.map((place) => {
    const topologyFile = files[place.name] ?? ''
    return openRegion(ground, place, { ...common, places, topologyFile, onChange })
  })
  const regions: readonly DrillRegion[] = opened.map(({ region }) => region)
  const close = async () => {
    await Promise.all(opened.map((one) => one.close()))
  }
  return { regions, close }
}

/** Stripe knows one address: behind it is the first region that lives. */
async function retargetWebhooks(
  regions: readonly DrillRegion[],
  links: LinkControl,
): Promise<void> {
  const living = regions.find(({ state }) => state === 'up')
  if (living === undefined) return
  const port = Number(new URL(living.url).port)
  await links.retarget(`${webhookLink.from}/${webhookLink.to}`, { host: '127.0.0.1', port })
}

function holdsSaid(regions: readonly DrillRegion[]): string {
  const isInRedis = regions.every(({ redisUrl }) => redisUrl !== null)
  return isInRedis
    ? 'in a Redis of each region'
    : 'kept in SQL: no redis-server here (npm run setup brings one)'
}
