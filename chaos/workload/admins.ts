/**
 * Who runs the sale: looks at the events every few seconds, as a page of theirs would, and when a
 * scenario asks cancels an event, empties a region and gives it its events back. What is passing is
 * asked again, bounded.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, createClient } from '../../client/index.ts'
import type { Ground } from '../ground/ground.ts'
import type { History } from '../history/history.ts'
import { Recorder } from '../history/recorder.ts'
import { toldOf } from '../history/told.ts'
import { actorOf } from './persons.ts'
import { tokenOrNull } from './tokens.ts'

const lookEveryMs = 5_000
const askWithinMs = 120_000
const askEveryMs = 1_000
/** A move waits for followers. */
const moveDeadlineMs = 60_000

export type AdminsOptions = {
  readonly ground: Pick<Ground, 'token' | 'endpointsAt' | 'regions' | 'organisation'>
  readonly history: History
  readonly name: string
  readonly signal: AbortSignal
  readonly onLook: (how: string) => void
}

type Region = { readonly region: string }

export class Admins {
  readonly #options: AdminsOptions
  readonly #organiser: Recorder
  readonly #root: Recorder
  readonly #looking: Promise<void>

  constructor(options: AdminsOptions) {
    this.#options = options
    const { history, ground } = options
    const region = ground.regions[0] ?? ''
    const recorder = (name: string) => new Recorder(history, { name, actor: actorOf(name), region })
    this.#organiser = recorder(this.#organiserName)
    this.#root = recorder(this.#rootName)
    this.#looking = this.#look()
  }

  /** @returns whether it is cancelled. @throws a refusal that is final */
  cancel(event: string): Promise<boolean> {
    const { organisation } = this.#options.ground
    return this.#untilDone(async () => {
      const { admin } = await this.#organiserClient()
      const send = () => admin.events.cancel.mutate({ organisation, event })
      await this.#organiser.record('event.cancel', { event }, { send, read: () => ({}) })
    })
  }

  /** @returns whether it has no authority any more */
  drain(of: Region): Promise<boolean> {
    return this.#untilDone(async () => {
      const { admin } = await this.#rootClient()
      const said = { context: { deadlineMs: moveDeadlineMs } }
      const send = () => admin.regions.drain.mutate(of, said)
      await this.#root.record('region.drain', of, { send, read: () => ({}) })
    })
  }

  /** @returns whether it has its events back */
  restore(of: Region): Promise<boolean> {
    return this.#untilDone(async () => {
      const { admin } = await this.#rootClient()
      const said = { context: { deadlineMs: moveDeadlineMs } }
      const send = () => admin.regions.restore.mutate(of, said)
      await this.#root.record('region.restore', of, { send, read: () => ({}) })
    })
  }

  /** After the signal. */
  async end(): Promise<void> {
    await this.#looking
  }

  get #organiserName(): string {
    return `${this.#options.name}-organiser`
  }

  get #rootName(): string {
    return `${this.#options.name}-root`
  }

  async #look(): Promise<void> {
    const { signal, ground, onLook } = this.#options
    const { organisation } = ground
    while (!signal.aborted) {
      await wait(lookEveryMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        const { admin, events } = await this.#organiserClient()
        await admin.events.list.query({ organisation, limit: 20 }, { signal })
        await events.list.query({ limit: 20 }, { signal })
        onLook('done')
      } catch (cause) {
        const told = cause instanceof NoTokenError ? { code: 'NO_TOKEN' } : toldOf(cause)
        if (told === null) throw cause
        onLook(told.code)
      }
    }
  }

  #organiserClient(): Promise<Client> {
    const { organisation } = this.#options.ground
    return this.#client({ name: this.#organiserName, roles: { [organisation]: 'manager' } })
  }

  #rootClient(): Promise<Client> {
    return this.#client({ name: this.#rootName, admin: true })
  }

  /** Anew each time: tokens end, and these calls are few. */
  async #client(identity: Parameters<Ground['token']>[0]): Promise<Client> {
    const { ground } = this.#options
    const token = await tokenOrNull(ground, identity)
    if (token === null) throw new NoTokenError('no region gives a token')
    return createClient({ endpoints: ground.endpointsAt(ground.regions[0] ?? ''), token })
  }

  async #untilDone(ask: () => Promise<void>): Promise<boolean> {
    const { signal } = this.#options
    const endMs = performance.now() + askWithinMs
    while (!signal.aborted && performance.now() < endMs) {
      try {
        await ask()
        return true
      } catch (cause) {
        const told = toldOf(cause)
        const isPassing = cause instanceof NoTokenError || told?.transient === true
        if (!isPassing && told?.outcome !== 'unknown') throw cause
      }
      await wait(askEveryMs, undefined, { signal }).catch(() => undefined)
    }
    return false
  }
}

class NoTokenError extends Error {
  override readonly name = 'NoTokenError'
}
