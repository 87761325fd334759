/** All links of one local system: found by name or pattern, faulted and healed together. */
import { Link } from './link.ts'
import {
  isMeant,
  type LinkFault,
  type LinkPlan,
  type LinkState,
  type LinkTarget,
} from './link-plan.ts'

export class LinkSet implements AsyncDisposable {
  readonly #links: readonly Link[]

  private constructor(links: readonly Link[]) {
    this.#links = links
  }

  /** @throws the system's error when a port is taken; nothing is left open then. */
  static async open(plans: readonly LinkPlan[]): Promise<LinkSet> {
    const opened = await Promise.allSettled(plans.map((plan) => Link.open(plan)))
    const links = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const set = new LinkSet(links)
    const failed = opened.find((one) => one.status === 'rejected')
    if (failed === undefined) return set
    await set[Symbol.asyncDispose]()
    throw failed.reason
  }

  get isHealed(): boolean {
    return this.#links.every((link) => link.isHealed)
  }

  /** @param pattern `from/to`, each a name or a star */
  list(pattern = '*/*'): readonly LinkState[] {
    return this.#meant(pattern).map((link) => link.state)
  }

  /** @returns the links that are meant; none: nothing happened. */
  setFault(pattern: string, fault: LinkFault | null): readonly LinkState[] {
    const meant = this.#meant(pattern)
    for (const link of meant) link.setFault(fault)
    return meant.map((link) => link.state)
  }

  retarget(pattern: string, target: LinkTarget): readonly LinkState[] {
    const meant = this.#meant(pattern)
    for (const link of meant) link.retarget(target)
    return meant.map((link) => link.state)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#links.map((link) => link[Symbol.asyncDispose]()))
  }

  #meant(pattern: string): readonly Link[] {
    return this.#links.filter((link) => isMeant(link.state, pattern))
  }
}
