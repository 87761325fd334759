/**
 * A local Typesense over one data folder, on 127.0.0.1 only. It holds nothing that the database
 * does not: a lost folder is rebuilt from there.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ClaimedProcess, startClaimed } from './claimed-process.ts'
import type { FolderClaim } from './folder-claim.ts'
import { findFreePort, isPortFree, PortTakenError, startOnPort } from './free-port.ts'
import { type LocalProcess, type StopPlan, startProcess } from './process.ts'
import { answerOf, findInTools, findOnPath, type ServerProgram } from './server-program.ts'
import { toolsTypesenseVersion } from './setup-parts.ts'

const name = 'Typesense'
const stop: StopPlan = { signal: 'SIGTERM', withinMs: 20_000 }
const readyWithinMs = 60_000
const askWithinMs = 1_000

export type TypesenseOptions = {
  readonly dataFolder: string
  /** Allows every operation. */
  readonly apiKey: string
  /** A free one unless given. */
  readonly port?: number
  readonly log?: (line: string) => void
}

export type LocalTypesense = ClaimedProcess & {
  readonly url: string
  readonly port: number
  /** As the running server says it. */
  readonly version: string
  readonly logFile: string
}

/** @returns the Typesense to use: the PATH's, else what `npm run setup` brought. */
export function findTypesenseServer(): ServerProgram | undefined {
  const onPath = findOnPath('typesense-server')
  if (onPath !== undefined) {
    const version = /typesense[^\d\n]*(\d+[.\d]*)/i.exec(answerOf(onPath, ['--version']) ?? '')?.[1]
    return { path: onPath, version, where: 'PATH' }
  }
  const inTools = findInTools('typesense', 'typesense-server')
  if (inTools === undefined) return undefined
  return { path: inTools, version: toolsTypesenseVersion, where: '.tools' }
}

/**
 * @returns null when this machine has no Typesense.
 * @throws StartError with one sentence for a person.
 */
export async function startTypesense(options: TypesenseOptions): Promise<LocalTypesense | null> {
  const program = findTypesenseServer()
  if (program === undefined) return null
  const dataFolder = resolve(options.dataFolder)
  return await startClaimed({ name, dataFolder, stop, log: options.log }, async (claim) => {
    mkdirSync(join(dataFolder, 'data'), { recursive: true })
    const { apiKey } = options
    const kept = await keptPorts(dataFolder)
    const wish = { name, port: options.port ?? kept?.port }
    const { port, running } = await startOnPort(wish, async (onPort) => {
      const peeringPort = kept?.peeringPort ?? (await findFreePort())
      const access = { port: onPort, peeringPort, apiKey }
      return { port: onPort, running: await startOnce({ program, dataFolder, claim }, access) }
    })
    const version = (await ask('debug', 'version', { port, apiKey })) ?? 'unknown'
    const url = `http://127.0.0.1:${port}`
    return { running, facts: { url, port, version, logFile: join(dataFolder, 'typesense.log') } }
  })
}

type Ground = {
  readonly program: ServerProgram
  readonly dataFolder: string
  readonly claim: FolderClaim
}

type Access = { readonly port: number; readonly apiKey: string }

async function startOnce(
  ground: Ground,
  access: Access & { readonly peeringPort: number },
): Promise<LocalProcess> {
  const ports: Ports = { port: access.port, peeringPort: access.peeringPort }
  writeFileSync(join(ground.dataFolder, 'ports.json'), JSON.stringify(ports))
  return await startProcess({
    name,
    command: ground.program.path,
    args: [
      `--data-dir=${join(ground.dataFolder, 'data')}`,
      '--api-address=127.0.0.1',
      `--api-port=${access.port}`,
      '--peering-address=127.0.0.1',
      `--peering-port=${access.peeringPort}`,
    ],
    logFile: join(ground.dataFolder, 'typesense.log'),
    cwd: ground.dataFolder,
    // The key goes by the environment: arguments are shown to every user of the machine.
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', TYPESENSE_API_KEY: access.apiKey },
    stop,
    readyWithinMs,
    onSpawn: ground.claim.recordService,
    isReady: async () => (await ask('health', 'ok', access)) === 'true',
    explainFailure: (log) =>
      /address already in use/i.test(log) ? new PortTakenError(name, access.port) : undefined,
  })
}

type Ports = { readonly port: number; readonly peeringPort: number }

/**
 * The ports of the last start, if they are still free. They are part of the node's name in
 * Typesense's own log: under another name it needs about ten seconds more to come up.
 */
async function keptPorts(dataFolder: string): Promise<Ports | undefined> {
  try {
    const kept: unknown = JSON.parse(readFileSync(join(dataFolder, 'ports.json'), 'utf8'))
    if (!isPorts(kept)) return undefined
    const free = [await isPortFree(kept.port), await isPortFree(kept.peeringPort)]
    return free.includes(false) ? undefined : kept
  } catch {
    return undefined
  }
}

function isPorts(value: unknown): value is Ports {
  if (typeof value !== 'object' || value === null) return false
  return (
    'port' in value &&
    typeof value.port === 'number' &&
    'peeringPort' in value &&
    typeof value.peeringPort === 'number'
  )
}

async function ask(
  path: 'health' | 'debug',
  field: string,
  access: Access,
): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${access.port}/${path}`, {
      headers: { 'x-typesense-api-key': access.apiKey },
      signal: AbortSignal.timeout(askWithinMs),
    })
    const body: unknown = await answer.json()
    if (typeof body !== 'object' || body === null) return undefined
    const value: unknown = Reflect.get(body, field)
    return typeof value === 'string' || typeof value === 'boolean' ? `${value}` : undefined
  } catch {
    return undefined
  }
}
