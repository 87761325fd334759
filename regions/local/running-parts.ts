/**
 * The parts of one local system that run right now, and the order in which they go: first the
 * server, which finishes its calls, then what it calls, and the database last.
 */
import type { KeptService, ServicePart } from './kept-service.ts'

export type PartName = 'server' | 'stripeSimulator' | 'mailSink' | 'redis' | 'postgres'
/** Of several regions each has a server and a Redis of its own; one program carries all links. */
type AnyPartName = PartName | 'links' | `${string}/server` | `${string}/redis`
type PartKind = PartName | 'links'
type AnyService = Pick<KeptService<ServicePart>, 'pid' | 'gaveUp' | 'stop' | 'kill'>

const stopOrder: readonly (readonly PartKind[])[] = [
  ['server'],
  ['stripeSimulator', 'mailSink', 'redis', 'links'],
  ['postgres'],
]

export class RunningParts {
  readonly #parts = new Map<AnyPartName, AnyService>()
  #stopping: Promise<void> | null = null
  #giveUp: (sentence: string) => void = () => undefined

  /** Settles with one sentence when a part keeps ending, and never otherwise. */
  readonly gaveUp = new Promise<string>((resolve) => {
    this.#giveUp = resolve
  })

  /** In the place of an earlier one of this name, which has ended. */
  add(name: AnyPartName, service: AnyService): void {
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
    const programs = ['server', 'stripeSimulator', 'mailSink', 'links'] as const
    await Promise.all(this.#of(programs).map((service) => service.kill()))
    await this.stop()
  }

  async #stopInOrder(): Promise<void> {
    for (const kinds of stopOrder) {
      await Promise.all(this.#of(kinds).map((service) => service.stop()))
    }
  }

  #of(kinds: readonly PartKind[]): readonly AnyService[] {
    const isMeant = (name: AnyPartName) => kinds.some((kind) => kind === name.split('/').at(-1))
    return [...this.#parts].flatMap(([name, service]) => (isMeant(name) ? [service] : []))
  }
}
