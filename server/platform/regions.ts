/** The regions of this installation: the database's names and the codes that ids carry. */
import { assert, present } from './assert.ts'
import { type RegionalType, regionCodeOf } from './ids.ts'

/** A region's name as CockroachDB takes it from a node's locality. */
export const regionNamePattern = '[a-z][a-z0-9-]{0,62}'

export type Region = { readonly name: string; readonly code: string }

export class RegionTable {
  readonly all: readonly Region[]
  readonly #byCode: ReadonlyMap<string, string>
  readonly #byName: ReadonlyMap<string, string>

  constructor(all: readonly Region[]) {
    this.all = all
    this.#byCode = new Map(all.map((region) => [region.code, region.name]))
    this.#byName = new Map(all.map((region) => [region.name, region.code]))
    assert(this.#byCode.size === all.length, 'region codes are distinct')
    assert(this.#byName.size === all.length, 'region names are distinct')
  }

  /** The code of a region of this installation. */
  codeOf(name: string): string {
    return present(this.#byName.get(name), `region ${name}`)
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** The region in which the thing of this id lives, or null for a foreign or malformed id. */
  homeOf(type: RegionalType, id: string): string | null {
    const code = regionCodeOf(type, id)
    return code === null ? null : (this.#byCode.get(code) ?? null)
  }
}
