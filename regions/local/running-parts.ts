/**
 * The parts of one local system that run right now, and the order in which they go: first the
 * server, which finishes its calls, then what it calls, and the database last.
 */
import type { KeptService, ServicePart } from './kept-service.ts'

export type PartName = 'server' | 'stripeSimulator' | 'mailSink' | 'redis' | 'postgres'
type AnyService = Pick<KeptService<ServicePart>, 'pid' | 'gaveUp' | 'stop' | 'kill'>

const stopOrder: readonly (readonly PartName[])[] = [
  ['server'],
  ['stripeSimulator', 'mailSink', 'redis'],
  ['postgres'],
]

export class RunningParts {
  readonly #parts = new Map<PartName, AnyService>()
  #stopping: Promise<void> | null = null
  #giveUp: (sentence: string) => void = () => undefined

  /** Settles with one sentence when a part keeps ending, and never otherwise. */
  readonly gaveUp = new Promise<string>((resolve) => {
    this.#giveUp = resolve
  })

  add(name: PartName, service: AnyService): void {
    this.#parts.set(name, service)
    void service.gaveUp.then(this.#giveUp)
  }

  /** Null: the part is down, or is not ours. */
  get pids(): Readonly<Record<PartName, number | null>> {
    const pidOf = (name: PartName) => this.#parts.get(name)?.pid ?? null
    return {
      server: pidOf('server'),
      stripeSimulator: pidOf('stripeSimulator'),
      mailSink: pidOf('mailSink'),
      redis: pidOf('redis'),
      postgres: pidOf('postgres'),
    }
  }

  /** Every caller waits for the same stop. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder()
    return this.#stopping
  }

  /** Calls in flight are cut off; the databases still close in order. */
  async hurry(): Promise<void> {
    const programs = ['server', 'stripeSimulator', 'mailSink'] as const
    await Promise.all(programs.map((name) => this.#kill(name)))
    await this.stop()
  }

  async #kill(name: PartName): Promise<void> {
    await this.#parts.get(name)?.kill()
  }

  async #stopInOrder(): Promise<void> {
    for (const names of stopOrder) {
      await Promise.all(names.map(async (name) => this.#parts.get(name)?.stop()))
    }
  }
}
