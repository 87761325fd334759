/**
 * The links of several regions: between their servers, from each to the database, from fans of
 * each to the other regions' servers, and from Stripe to the first region that lives. One program
 * carries them all; started again, it has the same ports and no faults.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderIn } from '../data-folder.ts'
import { KeptService } from '../kept-service.ts'
import { LinkControl } from '../links/link-control.ts'
import { type LinkPlan, type LinksPlan, type LinkTarget, nameOf } from '../links/link-plan.ts'
import { nearestRoundTripMs, roundTripMs } from '../local-regions.ts'
import { type NodeProgram, startNodeProgram } from '../node-program.ts'
import type { StopPlan } from '../process.ts'
import { StartError } from '../start-error.ts'
import { everyProgramNeeds, type Ground } from '../start-parts.ts'

const name = 'The program of the links'
const stop: StopPlan = { signal: 'SIGTERM', withinMs: 3_000 }
const here = '127.0.0.1'
const postgresPort = 5432

export const database = 'database'
export const webhookLink = { from: 'stripe', to: 'regions' } as const
/** Fans of a region are a place of their own: what befalls its servers need not befall them. */
export const fansOf = (region: string) => `fans-of-${region}`

export type LinksWish = {
  /** In the order of the regions. */
  readonly servers: readonly { readonly name: string; readonly httpPort: number }[]
  readonly webhookPort: number
  readonly databaseUrl: string
  readonly latency: boolean
  readonly commitLatency: boolean
}

export type RunningLinks = {
  readonly control: LinkControl
  /** @returns the address of this link instead of the far side's. */
  readonly urlOf: (from: string, to: string, protocol?: string) => URL
}

/** @throws StartError when the database's address leaves no room for a link. */
export async function startLinks(ground: Ground, wish: LinksWish): Promise<RunningLinks> {
  const { data, log, parts, signal } = ground
  const folder = folderIn(data, 'links')
  const start = (plan: LinksPlan, until: AbortSignal): Promise<NodeProgram> => {
    const file = join(folder, 'plan.json')
    writeFileSync(file, `${JSON.stringify(plan, null, 2)}\n`)
    return startNodeProgram({
      name,
      script: 'regions/local/links/main.ts',
      args: [file],
      env: everyProgramNeeds(ground.environment),
      folder,
      logName: 'links.log',
      stop,
      log,
      signal: until,
    })
  }
  const plans = linkPlans(wish)
  const first = await start({ control: 0, links: plans }, signal)
  const url = String(first.announced['listening'])
  const ports = first.announced['ports'] as Readonly<Record<string, number>>
  const portOf = (link: Pick<LinkPlan, 'from' | 'to'>) => ports[nameOf(link)] ?? 0
  const again: LinksPlan = {
    control: Number(new URL(url).port),
    links: plans.map((plan) => ({ ...plan, port: portOf(plan) })),
  }
  const restart = (until: AbortSignal) => start(again, until)
  parts.add('links', new KeptService(first, { name, restart, log }))
  return {
    control: new LinkControl(url),
    urlOf: (from, to, address = 'http://far') => {
      const near = new URL(address)
      near.hostname = here
      near.port = String(portOf({ from, to }))
      return near
    },
  }
}

export function linkPlans(wish: LinksWish): LinkPlan[] {
  const { servers, latency, commitLatency } = wish
  const names = servers.map((server) => server.name)
  const [first] = servers
  const farMs = (one: string, other: string) => (latency ? roundTripMs(one, other) : 0)
  const targetOf = (port: number): LinkTarget => ({ host: here, port })
  const between = servers.flatMap((from) =>
    servers
      .filter((to) => to !== from)
      .flatMap((to) => {
        const trip = { target: targetOf(to.httpPort), roundTripMs: farMs(from.name, to.name) }
        return [
          { from: from.name, to: to.name, port: 0, ...trip },
          { from: fansOf(from.name), to: to.name, port: 0, ...trip },
        ]
      }),
  )
  const toDatabase = names.map((from) => ({
    from,
    to: database,
    port: 0,
    target: databaseTarget(wish.databaseUrl),
    roundTripMs: commitLatency ? nearestRoundTripMs(from, names) : 0,
  }))
  const webhooks = {
    ...webhookLink,
    port: wish.webhookPort,
    target: targetOf(first?.httpPort ?? 0),
    roundTripMs: 0,
  }
  return [...between, ...toDatabase, webhooks]
}

function databaseTarget(address: string): LinkTarget {
  const { hostname, port } = new URL(address)
  if (hostname === '') {
    throw new StartError(
      'DATABASE_URL must name one host, so that each region can have its own link to it.',
    )
  }
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || postgresPort }
}
