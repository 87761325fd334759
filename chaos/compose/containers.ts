/**
 * The containers of the project, by the names of their services: what they are in, and what Docker
 * can do to them. Found once; killing and starting them leaves them the same containers.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { waitUntil } from '../../regions/local/wait-until.ts'
import { NotHereError } from '../faults/fault-maker.ts'
import {
  composeFiles,
  composeRegions,
  ports,
  projectName,
  servicesOf,
  stripeService,
} from './places.ts'
import { type Run, RunError } from './run.ts'

/** Six nodes that start at once on one machine, with what their logs hold. */
const settledWithinMs = 180_000
const lookEveryMs = 250
const askReady = `fetch('http://127.0.0.1:${ports.server}/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`

const listed = z.object({
  ID: z.string(),
  Service: z.string(),
  State: z.string(),
  Health: z.string(),
  Image: z.string(),
})
export type Listed = z.output<typeof listed>

const inspected = z.object({
  Id: z.string(),
  State: z.object({
    Running: z.boolean(),
    Paused: z.boolean(),
    Restarting: z.boolean(),
    FinishedAt: z.string(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
  }),
})

export type ContainerState = {
  readonly service: string
  readonly isRunning: boolean
  readonly isPaused: boolean
  /** Null where it has no health check. */
  readonly health: string | null
  /** When it last ended, as Docker writes it. */
  readonly endedAt: string
  /** By the networks it is on. */
  readonly addresses: Readonly<Record<string, string>>
}

/** @throws NotHereError with one sentence, when a part is missing or is not well */
export async function findContainers(run: Run): Promise<Containers> {
  const all = await listProject(run)
  const wanted = [...composeRegions.flatMap(servicesOf), stripeService]
  const found = new Map(all.map((one) => [one.Service, one]))
  const unwell = wanted.filter((service) => {
    const { State, Health } = found.get(service) ?? { State: 'missing', Health: '' }
    return State !== 'running' || (Health !== '' && Health !== 'healthy')
  })
  if (unwell.length === 0) return new Containers(run, wanted, found)
  const files = composeFiles.map((file) => `--file ${file}`).join(' ')
  throw new NotHereError(
    `A drill begins on a whole system, and ${unwell.join(', ')} ${unwell.length === 1 ? 'is' : 'are'} not up and well: docker compose ${files} --env-file .env.multi-region up --detach --wait`,
  )
}

async function listProject(run: Run): Promise<readonly Listed[]> {
  const asked = ['compose', '--project-name', projectName, 'ps', '--all', '--format', 'json']
  try {
    return readListed(await run('docker', asked))
  } catch (cause) {
    if (!(cause instanceof RunError)) throw cause
    const why = cause.isMissing ? 'here is no program docker.' : cause.message
    throw new NotHereError(`Drills on Compose need Docker: ${why}`, { cause })
  }
}

/** One object a line, and an array in older versions of Compose. */
export function readListed(text: string): readonly Listed[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.flatMap((line) => {
    const value: unknown = JSON.parse(line)
    return z.array(listed).parse(Array.isArray(value) ? value : [value])
  })
}

export class Containers {
  readonly #run: Run
  readonly #listed: ReadonlyMap<string, Listed>
  readonly services: readonly string[]

  constructor(run: Run, services: readonly string[], found: ReadonlyMap<string, Listed>) {
    this.#run = run
    this.services = services
    this.#listed = found
  }

  id(service: string): string {
    return this.#of(service).ID
  }

  image(service: string): string {
    return this.#of(service).Image
  }

  docker(...args: readonly string[]): Promise<string> {
    return this.#run('docker', args)
  }

  exec(service: string, ...command: readonly string[]): Promise<string> {
    return this.docker('exec', this.id(service), ...command)
  }

  /** In the order in which they were asked for. */
  async states(services: readonly string[]): Promise<readonly ContainerState[]> {
    const text = await this.docker('inspect', ...services.map((service) => this.id(service)))
    return z
      .array(inspected)
      .parse(JSON.parse(text))
      .map(({ State, NetworkSettings }, index) => ({
        service: services[index] ?? '',
        isRunning: State.Running && !State.Restarting,
        isPaused: State.Paused,
        health: State.Health?.Status ?? null,
        endedAt: State.FinishedAt,
        addresses: Object.fromEntries(
          Object.entries(NetworkSettings.Networks)
            .map(([name, { IPAddress }]) => [name, IPAddress] as const)
            .filter(([, address]) => address !== ''),
        ),
      }))
  }

  /** Those that run. Docker starts none of them again by itself. */
  async kill(services: readonly string[]): Promise<void> {
    await this.#each('kill', services, ({ isRunning }) => isRunning)
  }

  async start(services: readonly string[]): Promise<void> {
    await this.#each('start', services, ({ isRunning }) => !isRunning)
  }

  async pause(services: readonly string[]): Promise<void> {
    await this.#each('pause', services, ({ isRunning, isPaused }) => isRunning && !isPaused)
  }

  async unpause(services: readonly string[]): Promise<void> {
    await this.#each('unpause', services, ({ isPaused }) => isPaused)
  }

  /** All run, none sleeps, and each is well by its own check; a server answers that it is ready. */
  async areUp(services: readonly string[]): Promise<boolean> {
    const states = await this.states(services)
    const isUp = await Promise.all(
      states.map(async ({ service, isRunning, isPaused, health }) => {
        if (!isRunning || isPaused) return false
        // Sooner than Docker, which asks every ten seconds.
        if (service.startsWith('server-')) return await this.#isReady(service)
        return health === null || health === 'healthy'
      }),
    )
    return isUp.every(Boolean)
  }

  /** @throws Error when they are not in time */
  async upAgain(services: readonly string[]): Promise<void> {
    // Each look starts a program, on a machine that has enough to do then.
    const areUp = async () => (await this.areUp(services)) || (await wait(lookEveryMs, false))
    if (await waitUntil(areUp, settledWithinMs)) return
    throw new Error(`${services.join(', ')}: not up within ${settledWithinMs / 1000} s`)
  }

  async #isReady(server: string): Promise<boolean> {
    return await this.exec(server, 'node', '--eval', askReady).then(
      () => true,
      () => false,
    )
  }

  async #each(
    verb: 'kill' | 'start' | 'pause' | 'unpause',
    services: readonly string[],
    isMeant: (state: ContainerState) => boolean,
  ): Promise<void> {
    const meant = (await this.states(services)).filter(isMeant)
    if (meant.length > 0) await this.docker(verb, ...meant.map(({ service }) => this.id(service)))
  }

  #of(service: string): Listed {
    const found = this.#listed.get(service)
    if (found === undefined) throw new NotHereError(`There is no service ${service} here.`)
    return found
  }
}
