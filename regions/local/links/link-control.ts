/** Speaks to the program that carries the links: what a drill says in code. */
import { z } from 'zod'
import { ControlError } from '../control-http.ts'
import type { LinkFault, LinkState, LinkTarget } from './link-plan.ts'

const answerWithinMs = 5_000
const answerShape = z.looseObject({
  links: z.array(z.custom<LinkState>((one) => typeof one === 'object')).default([]),
  isHealed: z.boolean().default(true),
  error: z.string().optional(),
})

/** Patterns are `from/to`, where a star stands for every end: `us-east1/*`, `*\/database`. */
export class LinkControl {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async list(pattern = '*/*'): Promise<readonly LinkState[]> {
    return (await this.send('GET', `links/${pattern}`)).links
  }

  /** In the place of the faults that were there. */
  async setFault(pattern: string, fault: LinkFault): Promise<readonly LinkState[]> {
    return (await this.send('PUT', `links/${pattern}`, fault)).links
  }

  async heal(pattern = '*/*'): Promise<readonly LinkState[]> {
    return (await this.send('DELETE', `links/${pattern}`)).links
  }

  /** No link has a fault. */
  async isHealed(): Promise<boolean> {
    return (await this.send('GET', 'links')).isHealed
  }

  /** New connections over these links go elsewhere. */
  async retarget(pattern: string, target: LinkTarget): Promise<void> {
    await this.send('PUT', `targets/${pattern}`, target)
  }

  /** @throws ControlError with the program's sentence */
  async send(method: string, path: string, body?: unknown): Promise<z.output<typeof answerShape>> {
    const response = await fetch(`${this.#url}/${path}`, {
      method,
      signal: AbortSignal.timeout(answerWithinMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new ControlError(502, `The program of the links does not answer (${String(cause)}).`)
    })
    const answer = answerShape.parse(await response.json())
    if (response.ok) return answer
    const status = response.status === 404 ? 404 : 400
    throw new ControlError(status, answer.error ?? `The links answered ${response.status}.`)
  }
}
