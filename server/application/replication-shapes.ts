/**
 * The answers between regions about holds: what a server says, and what a follower takes. Another
 * region may run an older release, or be somebody else's by now: each answer is judged before
 * anything of it reaches Redis.
 */
import { z } from 'zod'
import type {
  BookPage,
  BooksPage,
  ChangesAnswer,
  CopiedHold,
  CopyPage,
  HoldChange,
  UnitsAnswer,
} from '../domain/hold-replication.ts'
import { type EventId, idPatterns, type OrderId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'

const charactersMax = 1_000
/** Prices of all sections that a fan searched. */
const termsCharactersMax = 256 * 1024

const count = z.int().nonnegative()
const event = z.custom<EventId>((id) => typeof id === 'string' && idPatterns.evt.test(id))
const order = z.custom<OrderId>((id) => typeof id === 'string' && idPatterns.ord.test(id))
const unit = z
  .int()
  .min(0)
  .max(limits.unitsPerEventMax - 1)
const someUnits = z.array(unit).min(1).max(limits.unitsPerHoldMax).readonly()
const cursor = z.string().max(32)
const incarnation = z.string().max(200)

const hold = z.object({
  id: order,
  buyer: z.string().min(1).max(charactersMax),
  units: someUnits,
  digest: z.string().max(charactersMax),
  terms: z.string().max(termsCharactersMax).nullable(),
  reserved: z.boolean(),
  lifeMs: count,
  capMs: count,
}) satisfies z.ZodType<CopiedHold>

const ended = { event, id: order, units: someUnits }

const change = z.discriminatedUnion('kind', [
  z.object({ n: count, kind: z.literal('living'), event, hold }),
  z.object({ n: count, kind: z.literal('sold'), ...ended }),
  z.object({ n: count, kind: z.literal('gone'), ...ended }),
  z.object({ n: count, kind: z.literal('book'), event }),
  z.object({ n: count, kind: z.literal('sealed') }),
]) satisfies z.ZodType<HoldChange>

export const changesAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('changes'),
    changes: z.array(change).max(10_000).readonly(),
    last: count,
    waitedMs: count,
    behindMs: count,
  }),
  z.object({ kind: z.literal('reset'), epoch: count, incarnation }),
  z.object({ kind: z.literal('gap'), last: count }),
]) satisfies z.ZodType<ChangesAnswer>

export const booksPage = z.object({
  incarnation,
  last: count,
  events: z.array(event).max(100_000).readonly(),
  nextCursor: cursor.nullable(),
}) satisfies z.ZodType<BooksPage>

export const bookPage = z.object({
  last: count,
  holds: z
    .array(hold)
    .max(limits.unitsPerEventMax * 2)
    .readonly(),
  sold: z
    .array(z.object({ id: order, units: z.array(unit).max(limits.unitsPerEventMax).readonly() }))
    .max(limits.unitsPerEventMax * 2)
    .readonly(),
  bitmap: z.base64().max(limits.unitsPerEventMax).nullable(),
  nextCursor: cursor.nullable(),
}) satisfies z.ZodType<BookPage>

export const unitsAnswer = z.object({
  bitmap: z.base64().max(limits.unitsPerEventMax),
}) satisfies z.ZodType<UnitsAnswer>

export const copyPage = z.object({
  epoch: count,
  last: count,
  holds: z
    .array(hold)
    .max(limits.unitsPerEventMax * 2)
    .readonly(),
  nextCursor: cursor.nullable(),
}) satisfies z.ZodType<CopyPage>
