/** The opaque cursor of an order list: region, and the last order seen there. */
import { z } from 'zod'
import { refuse } from '../domain/refusal.ts'
import { idPatterns, type OrderId } from '../platform/ids.ts'

export type Cursor = {
  readonly region: string
  readonly before: { readonly createdAt: Date; readonly id: OrderId } | null
}

const shape = z.tuple([z.string().max(63), z.iso.datetime(), z.string().regex(idPatterns.ord)])

export function writeCursor(cursor: Cursor): string {
  const { region, before } = cursor
  const parts = [region, before?.createdAt.toISOString(), before?.id]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** @throws RefusedError BAD_INPUT for anything that writeCursor did not make */
export function readCursor(text: string): Cursor {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const [region, createdAt, id] = shape.parse(parts)
    return { region, before: { createdAt: new Date(createdAt), id: id as OrderId } }
  } catch {
    return refuse('BAD_INPUT', 'This cursor is not one of ours. Begin without a cursor.')
  }
}
