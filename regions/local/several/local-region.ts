/**
 * One region of several: its server and its Redis, started, killed, paused and resumed by whoever
 * drills. What ends by itself is started again (KeptService); what was killed stays down until it
 * is started. One thing is done at a time, in the order in which it was asked for.
 */
import { KeptService } from '../kept-service.ts'
import type { NodeProgram } from '../node-program.ts'
import type { LocalRedis } from '../redis.ts'
import type { RunningParts } from '../running-parts.ts'

export type RegionState = 'up' | 'paused' | 'down'

export type RegionPlan = {
  readonly name: string
  /** Null when this machine has no Redis; on the same port again when one is given. */
  readonly startRedis: (port: number | undefined) => Promise<LocalRedis | null>
  readonly startServer: (redisUrl: string | null, signal: AbortSignal) => Promise<NodeProgram>
  readonly cutLinks: () => Promise<unknown>
  readonly healLinks: () => Promise<unknown>
  readonly parts: RunningParts
  readonly log: (line: string) => void
  /** Hears of every change, when it is done. */
  readonly onChange: () => Promise<void>
}

type Kept = {
  readonly server: KeptService<NodeProgram>
  readonly redis: KeptService<LocalRedis> | null
}

export class LocalRegion {
  readonly #plan: RegionPlan
  readonly #closing = new AbortController()
  #state: RegionState = 'down'
  #kept: Kept | null = null
  #redis: LocalRedis | null = null
  #work: Promise<void> = Promise.resolve()

  constructor(plan: RegionPlan) {
    this.#plan = plan
  }

  get name(): string {
    return this.#plan.name
  }

  get state(): RegionState {
    return this.#state
  }

  /** Holds a password: never log it. Null: holds are kept in SQL. */
  get redisUrl(): string | null {
    return this.#redis?.url ?? null
  }

  get pids(): { readonly server: number | null; readonly redis: number | null } {
    return { server: this.#kept?.server.pid ?? null, redis: this.#kept?.redis?.pid ?? null }
  }

  /** From down to up, on the same ports, over what its Redis has on the disk. */
  start(signal: AbortSignal = this.#closing.signal): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'paused') this.#continue()
      if (this.#state !== 'down') return
      await this.#plan.healLinks()
      await this.#begin(AbortSignal.any([signal, this.#closing.signal]))
      this.#state = 'up'
    })
  }

  /** As if the power went: SIGKILL for its processes, and its links are cut. */
  kill(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'down') return
      this.#state = 'down'
      const { server, redis } = this.#kept ?? {}
      await Promise.all([server?.kill(), redis?.kill(), this.#plan.cutLinks()])
      this.#kept = null
    })
  }

  /** As if the machine slept: its processes stand still, its connections stay open. */
  pause(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state !== 'up') return
      if (this.pids.server === null) throw new Error(`${this.name} is just being started again.`)
      this.#signal('SIGSTOP')
      this.#state = 'paused'
    })
  }

  resume(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'paused') this.#continue()
    })
  }

  /** Nothing more is started; what sleeps is woken, so that it can stop in order. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the system stops'))
    await this.#work
    if (this.#state === 'paused') this.#continue()
  }

  #continue(): void {
    this.#signal('SIGCONT')
    this.#state = 'up'
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const { server, redis } = this.pids
    for (const pid of [server, redis]) if (pid !== null) process.kill(pid, signal)
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      this.#closing.signal.throwIfAborted()
      await work()
      await this.#plan.onChange()
    })
    this.#work = done.catch(() => undefined)
    return done
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const { name, parts, log, startRedis, startServer } = this.#plan
    this.#redis = await startRedis(this.#redis?.port)
    const redis = this.#redis === null ? null : this.#keepRedis(this.#redis)
    if (redis !== null) parts.add(`${name}/redis`, redis)
    const restart = (until: AbortSignal) => startServer(this.redisUrl, until)
    const program = await restart(signal).catch(async (error: unknown) => {
      await redis?.stop()
      throw error
    })
    const server = new KeptService(program, { name: `The server of ${name}`, restart, log })
    parts.add(`${name}/server`, server)
    this.#kept = { server, redis }
  }

  #keepRedis(first: LocalRedis): KeptService<LocalRedis> {
    const { name, log, startRedis } = this.#plan
    const restart = async () => {
      const redis = await startRedis(first.port)
      if (redis === null) throw new Error('redis-server is gone from this machine.')
      return redis
    }
    return new KeptService(first, { name: `Redis of ${name}`, restart, log })
  }
}
