/** The access token: asked for when first needed, kept, and asked for again when refused. */
import { AttemptError, failure } from './failure.ts'

export type Token = string | (() => string | Promise<string>)

export class TokenSource {
  readonly #ask: (() => string | Promise<string>) | null
  #kept: Promise<string | null>
  #asked: boolean

  constructor(token: Token | null) {
    this.#ask = typeof token === 'function' ? token : null
    this.#kept = Promise.resolve(typeof token === 'string' ? token : null)
    this.#asked = this.#ask === null
  }

  /** @throws AttemptError NOT_SIGNED_IN: the caller's function gave none */
  current(): Promise<string | null> {
    if (!this.#asked && this.#ask !== null) {
      this.#asked = true
      this.#kept = this.#obtain(this.#ask)
    }
    return this.#kept
  }

  /**
   * A token other than the refused one, which all calls use from then on; calls that were refused
   * together ask once together. Null: there is no other.
   */
  async renewed(refused: string | null): Promise<string | null> {
    if (this.#ask === null) return null
    if ((await this.current()) === refused) this.#asked = false
    return this.current()
  }

  async #obtain(ask: () => string | Promise<string>): Promise<string> {
    try {
      return await ask()
    } catch (cause) {
      this.#asked = false
      throw new AttemptError(failure('NOT_SIGNED_IN', 'No access token could be had.'), { cause })
    }
  }
}
