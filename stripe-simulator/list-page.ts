/**
 * Stripe's pages: newest first, `limit` (1 to 100), `starting_after`, `ending_before`, `created`
 * ranges.
 */
import { invalidRequest, resourceMissing } from './api-error.ts'
import type { FormFields } from './form-body.ts'
import { limits } from './limits.ts'
import { readFields, readInteger, readText } from './parameters.ts'
import type { Shelf } from './shelf.ts'

export interface PageQuery {
  readonly limit: number
  readonly startingAfter: string | undefined
  readonly endingBefore: string | undefined
  readonly createdFrom: number
  readonly createdTo: number
}

export const pageParameters = ['limit', 'starting_after', 'ending_before', 'created'] as const

export function readPageQuery(fields: FormFields): PageQuery {
  const limit = readInteger(fields, 'limit') ?? limits.listPageDefault
  if (limit > limits.listPage) {
    throw invalidRequest(`This value must be less than or equal to ${limits.listPage}.`, {
      code: 'parameter_invalid_integer',
      param: 'limit',
    })
  }
  return {
    limit,
    startingAfter: readText(fields, 'starting_after'),
    endingBefore: readText(fields, 'ending_before'),
    ...readCreated(fields),
  }
}

function readCreated(fields: FormFields): { createdFrom: number; createdTo: number } {
  const range = readFields(fields, 'created')
  if (range === undefined) {
    const exact = readInteger(fields, 'created', 0)
    return { createdFrom: exact ?? 0, createdTo: exact ?? Number.MAX_SAFE_INTEGER }
  }
  const after = readInteger(range, 'gt', 0)
  const before = readInteger(range, 'lt', 0)
  const from = readInteger(range, 'gte', 0) ?? 0
  const to = readInteger(range, 'lte', 0) ?? Number.MAX_SAFE_INTEGER
  return {
    createdFrom: after === undefined ? from : Math.max(from, after + 1),
    createdTo: before === undefined ? to : Math.min(to, before - 1),
  }
}

export interface Page<T> {
  readonly records: readonly T[]
  readonly hasMore: boolean
}

interface Listed {
  readonly id: string
  readonly created: number
}

/** What a page is cut from: a shelf, what the objects are called, and which of them are meant. */
export interface PageSource<T extends Listed> {
  readonly shelf: Shelf<T>
  readonly name: string
  readonly accepts?: (record: T) => boolean
}

export function cutPage<T extends Listed>(source: PageSource<T>, query: PageQuery): Page<T> {
  const { shelf, name } = source
  const { startingAfter, endingBefore, limit } = query
  for (const [cursor, param] of [
    [startingAfter, 'starting_after'],
    [endingBefore, 'ending_before'],
  ] as const) {
    if (cursor !== undefined && !shelf.get(cursor)) throw resourceMissing(name, cursor, param)
  }
  const records: T[] = []
  for (const record of shelf.newestFirst(startingAfter)) {
    if (record.id === endingBefore) break
    if (record.created < query.createdFrom || record.created > query.createdTo) continue
    if (source.accepts && !source.accepts(record)) continue
    records.push(record)
    if (endingBefore === undefined && records.length > limit) break
  }
  const hasMore = records.length > limit
  const page = endingBefore === undefined ? records.slice(0, limit) : records.slice(-limit)
  return { records: page, hasMore }
}

/** Stripe's envelope around a page. */
export function listBody(url: string, data: readonly unknown[], hasMore: boolean): object {
  return { object: 'list', data, has_more: hasMore, url }
}
