/** Keyset pages: an opaque cursor says which row was the last; no page depends on a count. */
import { refuse } from '../domain/refusal.ts'
import { limits } from '../platform/limits.ts'

export type PageInput = {
  /** From the page before; null or left out for the first. */
  readonly cursor?: string | null | undefined
  /** 1 to limits.pageMax. */
  readonly limit: number
}

export type Page<Item> = {
  readonly items: readonly Item[]
  /** null: there are no more. */
  readonly nextCursor: string | null
}

/** What a cursor can hold at most; ours are far shorter. */
const cursorMaxCharacters = 400

/** How many rows to read: one more than wanted tells whether there is a next page. */
export function rowsToRead({ limit }: PageInput): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.pageMax) {
    return refuse('BAD_INPUT', `limit: must be a whole number from 1 to ${limits.pageMax}`)
  }
  return limit + 1
}

/** The key of the last row of the page before, or null for the first page. */
export function readPageCursor({ cursor }: PageInput, parts: number): readonly string[] | null {
  if (cursor === null || cursor === undefined) return null
  const key = cursor.length <= cursorMaxCharacters ? decoded(cursor) : null
  if (!Array.isArray(key) || key.length !== parts) return badCursor()
  // A zero byte is the one character that no text column takes.
  if (!key.every((part) => typeof part === 'string' && !part.includes('\0'))) return badCursor()
  return key as string[]
}

export function badCursor(): never {
  return refuse('BAD_INPUT', 'This cursor is not one of ours. Begin without a cursor.')
}

/** A page of at most `limit` of the rows read; `keyOf` is what the next page starts after. */
export function pageOf<Item>(
  rows: readonly Item[],
  { limit }: PageInput,
  keyOf: (item: Item) => readonly string[],
): Page<Item> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items, nextCursor: more ? encoded(keyOf(last)) : null }
}

function encoded(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}
