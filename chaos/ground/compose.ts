/**
 * The Compose target: the system of docker-compose.multi-region.yml, which somebody has started, with
 * halls on sale at home in each region. What is on it stays; only the drill's own connections go.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tokenOfAny } from '../../bench/failover/open-system.ts'
import type { Identity } from '../../bench/onsale/identities.ts'
import { makeOrganiser } from '../../bench/onsale/publish-arena.ts'
import { createClient } from '../../client/index.ts'
import { readEnv } from '../../regions/keys/multi-region-env.ts'
import { projectFolder } from '../../regions/local/node-program.ts'
import { type Containers, findContainers } from '../compose/containers.ts'
import { openLivingSql } from '../compose/living-sql.ts'
import {
  type ComposeRegion,
  composeFiles,
  composeRegions,
  envFile,
  linksImage,
  partsOf,
  projectName,
  stripeService,
  stripeUrl,
} from '../compose/places.ts'
import { type Run, RunError, runProgram } from '../compose/run.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import { clearLinks } from '../faults/compose/link-faults.ts'
import { composeFaults } from '../faults/compose-faults.ts'
import { NotHereError } from '../faults/fault-maker.ts'
import type { Ground, Sql } from './ground.ts'
import { metricsOf } from './metrics-of.ts'
import { ownVersions } from './program-versions.ts'
import { eventPublisher } from './publisher.ts'

export type ComposeGroundOptions = {
  /** Of the halls. */
  readonly seed: number
  readonly log: (line: string) => void
  /** This machine's programs unless told. */
  readonly run?: Run
  /** Where .env.multi-region is; the project's own folder unless told. */
  readonly folder?: string
}

const names = composeRegions.map(({ name }) => name)

/** @throws NotHereError | NotDrivableError with one sentence, before anything was changed */
export async function openComposeGround(options: ComposeGroundOptions): Promise<Ground> {
  const { seed, log, run = runProgram, folder = projectFolder } = options
  const containers = await findContainers(run)
  await tryLinks(containers)
  const password = databasePassword(folder)
  const ca = await containers.exec(partsOf(placeOf('us-east1')).server, 'cat', '/authority/ca.crt')
  const database = openLivingSql(
    composeRegions.map(({ sqlPort: port }) => {
      const common = { host: 'localhost', user: 'frontrow', database: 'frontrow' }
      return { ...common, port, password, ssl: { ca } }
    }),
  )
  try {
    const { sql, snapshot } = database
    await tellOfOlder(sql, log)
    const token = (identity: Identity) =>
      tokenOfAny(
        composeRegions.map(({ url }) => url),
        identity,
      )
    const admin: Ground['admin'] = async (at) => {
      const endpoints = at === undefined ? composeRegions.map(({ url }) => url) : [urlOf(at)]
      return createClient({ endpoints, token: await token({ name: 'drill-root', admin: true }) })
    }
    const organisation = await makeOrganiser(await admin())
    const publishEvent = eventPublisher({ urlOf, token, seed, organisation })
    const events: EventFacts[] = []
    for (const home of names) events.push(await publishEvent(home))
    return {
      target: 'compose',
      regions: names,
      organisation,
      events,
      publishEvent,
      // The record is kept by triggers of PostgreSQL's.
      hasVersions: false,
      sql,
      snapshot,
      stripeUrl,
      token,
      endpointsAt,
      admin,
      faults: composeFaults(containers, stripeUrl),
      metrics: (region) => metricsOf(placeOf(region).metricsUrl),
      versions: async () => ({ ...(await ownVersions(sql)), ...(await imagesOf(containers)) }),
      logs: logsOf(),
      [Symbol.asyncDispose]: () => database.end(),
    }
  } catch (cause) {
    await database.end()
    throw cause
  }
}

function placeOf(name: string): ComposeRegion {
  const found = composeRegions.find((one) => one.name === name)
  if (found === undefined) throw new RangeError(`there is no region ${name}`)
  return found
}

function urlOf(name: string): string {
  return placeOf(name).url
}

/** The own region first. All of them are on this machine: a place has no links of its own. */
function endpointsAt(place: string): readonly string[] {
  return [place, ...names.filter((name) => name !== place)].map(urlOf)
}

/** Also takes away what an earlier drill that was killed has left. */
async function tryLinks(containers: Containers): Promise<void> {
  try {
    await clearLinks(containers)
  } catch (cause) {
    if (!(cause instanceof RunError)) throw cause
    const files = composeFiles.map((file) => `--file ${file}`).join(' ')
    throw new NotHereError(
      `Links are harmed from beside the containers, which needs the image ${linksImage} (docker compose ${files} --env-file ${envFile} --profile drills build links): ${cause.message}`,
      { cause },
    )
  }
}

/** @throws NotHereError */
function databasePassword(folder: string): string {
  const path = join(folder, envFile)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const password = readEnv(text).get('DATABASE_PASSWORD')
  if (password !== undefined) return password
  throw new NotHereError(`There is no DATABASE_PASSWORD in ${envFile}: npm run keys:multi-region.`)
}

/** The evidence is all that the database has, of earlier runs too. */
async function tellOfOlder(sql: Sql, log: (line: string) => void): Promise<void> {
  const [row] = await sql<{ count: number }>('select count(*)::int4 as count from orders')
  const count = row?.count ?? 0
  if (count > 0) log(`the database has ${count} orders of earlier runs, which are judged too`)
}

async function imagesOf(containers: Containers): Promise<Readonly<Record<string, string>>> {
  const { nodes, balancer, redis, server } = partsOf(placeOf('us-east1'))
  const parts = { node: nodes[0] ?? '', balancer, redis, server, stripe: stripeService }
  const images = Object.entries(parts).map(([name, part]) => {
    return [`image of ${name}`, containers.image(part)] as const
  })
  const engine = await containers.docker('version', '--format', '{{.Server.Version}}')
  const compose = await containers.docker('compose', 'version', '--short')
  return { docker: engine.trim(), compose: compose.trim(), ...Object.fromEntries(images) }
}

/** As they are asked for: Docker keeps them. */
function logsOf(): Readonly<Record<string, string>> {
  const command = (service: string) =>
    `docker compose --project-name ${projectName} logs ${service}`
  const servers = composeRegions.map((region) => [region.name, command(partsOf(region).server)])
  return Object.fromEntries([...servers, ['stripe', command(stripeService)]]) as Record<
    string,
    string
  >
}
