/**
 * A region's way to the database with a proxy in it that strikes at statements, while at least one
 * rule stands. The proxy is put in by pointing the region's link at it and cutting the connections
 * that stand, once; it is taken out by pointing the link back. Connections through it are not cut
 * then: they go on, untouched, until they age out.
 */
import type { LinkControl } from '../../regions/local/links/link-control.ts'
import type { LinkState, LinkTarget } from '../../regions/local/links/link-plan.ts'
import { type PostgresProxy, startPostgresProxy } from './database-proxy/postgres-proxy.ts'
import type { StandingRule } from './database-proxy/strike-book.ts'
import type { StrikeRule } from './fault-maker.ts'

export type StruckLinkPlan = {
  readonly links: LinkControl
  readonly region: string
  readonly seed: number
  /** Another number draws otherwise from the same seed. */
  readonly stream: number
}

type Through = {
  readonly proxy: PostgresProxy
  readonly target: LinkTarget
  readonly rules: Set<StandingRule>
}

export class StruckLink {
  readonly #plan: StruckLinkPlan
  readonly #name: string
  #through: Through | null = null
  #work: Promise<unknown> = Promise.resolve()

  constructor(plan: StruckLinkPlan) {
    this.#plan = plan
    this.#name = `${plan.region}/database`
  }

  /** @returns once every connection of the region leads through the proxy */
  add(rule: StrikeRule): Promise<StandingRule> {
    return this.#inTurn(async () => {
      const through = this.#through ?? (await this.#putIn())
      const standing = through.proxy.add(rule)
      through.rules.add(standing)
      return standing
    })
  }

  remove(rule: StandingRule): Promise<void> {
    return this.#inTurn(async () => {
      rule.remove()
      this.#through?.rules.delete(rule)
      await this.#takeOutIfIdle()
    })
  }

  /** The link leads to the database itself, or through a proxy without this rule. */
  async isWithout(rule: StandingRule | undefined): Promise<boolean> {
    const { target } = await this.#state()
    const isIn = this.#through !== null && target.port === this.#through.proxy.port
    return !isIn || rule?.isStanding() !== true
  }

  async #putIn(): Promise<Through> {
    const { links, seed, stream } = this.#plan
    const { target, fault } = await this.#state()
    const { host, port } = target
    const address = host.includes(':') ? `[${host}]` : host
    const proxy = await startPostgresProxy(`postgresql://${address}:${port}`, { seed, stream })
    const through = { proxy, target, rules: new Set<StandingRule>() }
    this.#through = through
    try {
      await links.retarget(this.#name, { host: '127.0.0.1', port: proxy.port })
      if (fault?.kind === 'cut') return through
      await links.setFault(this.#name, { kind: 'cut' })
      await (fault === null ? links.heal(this.#name) : links.setFault(this.#name, fault))
      return through
    } catch (cause) {
      await this.#takeOutIfIdle().catch(() => undefined)
      throw cause
    }
  }

  async #takeOutIfIdle(): Promise<void> {
    const through = this.#through
    if (through === null || through.rules.size > 0) return
    await this.#plan.links.retarget(this.#name, through.target)
    through.proxy.retire()
    this.#through = null
  }

  async #state(): Promise<LinkState> {
    const [state] = await this.#plan.links.list(this.#name)
    if (state === undefined) throw new Error(`There is no link ${this.#name}.`)
    return state
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }
}
