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

export type ServerWish = {
  readonly redisUrl: string | null
  /** Of another version of the program; null: this one. */
  readonly project: string | null
  readonly signal: AbortSignal
}

export type RegionPlan = {
  readonly name: string
  /** Null when this machine has no Redis; on the same port again when one is given. */
  readonly startRedis: (port: number | undefined) => Promise<LocalRedis | null>
  readonly startServer: (wish: ServerWish) => Promise<NodeProgram>
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
  #project: string | null = null
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

  /** SIGKILL for one of its processes, which is started again; nothing when it is down already. */
  async crash(part: 'server' | 'redis'): Promise<void> {
    await this.#kept?.[part]?.crash()
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

  /**
   * Its server stops in order, calls in flight first, and starts again: as this version of the
   * program, or as another one, which it stays until this is asked for again.
   * @param wish `project`: the folder of that version
   */
  restartServer(wish: { readonly project?: string } = {}): Promise<void> {
    return this.#inTurn(async () => {
      const { server, redis } = this.#running()
      this.#project = wish.project ?? null
      await server.stop()
      this.#kept = { server: await this.#startServer(this.#closing.signal), redis }
    })
  }

  /**
   * Its Redis is killed and starts again on the same port, with this done to its folder while it is
   * down; it starts again too when that fails.
   */
  restartRedis(whileDown: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      const { server, redis } = this.#running()
      const port = this.#redis?.port
      if (redis === null) throw new Error(`${this.name} has no Redis.`)
      await redis.kill()
      const done = whileDown()
      await done.catch(() => undefined)
      this.#kept = { server, redis: await this.#startRedis(port) }
      await done
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

  #running(): Kept {
    if (this.#state === 'up' && this.#kept !== null) return this.#kept
    throw new Error(`${this.name} is ${this.#state}: first it must be up.`)
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
    const redis = await this.#startRedis(this.#redis?.port)
    const server = await this.#startServer(signal).catch(async (error: unknown) => {
      await redis?.stop()
      throw error
    })
    this.#kept = { server, redis }
  }

  async #startServer(signal: AbortSignal): Promise<KeptService<NodeProgram>> {
    const { name, parts, log, startServer } = this.#plan
    const [redisUrl, project] = [this.redisUrl, this.#project]
    const restart = (until: AbortSignal) => startServer({ redisUrl, project, signal: until })
    const first = await restart(signal)
    const server = new KeptService(first, { name: `The server of ${name}`, restart, log })
    parts.add(`${name}/server`, server)
    return server
  }

  async #startRedis(port: number | undefined): Promise<KeptService<LocalRedis> | null> {
    const { name, parts, log, startRedis } = this.#plan
    const first = await startRedis(port)
    this.#redis = first
    if (first === null) return null
    const restart = async () => {
      const again = await startRedis(first.port)
      if (again === null) throw new Error('redis-server is gone from this machine.')
      return again
    }
    const redis = new KeptService(first, { name: `Redis of ${name}`, restart, log })
    parts.add(`${name}/redis`, redis)
    return redis
  }
}
