/**
 * One line of the journal: the records that one request wrote, and the answer kept under its key.
 * Events and answers point at records of the same line by position; `old` holds versions that are
 * only pointed at. Or a line holds the state that no record has: the clock's offset, and the sums of
 * what was dropped.
 */
import type { Answer } from './answer.ts'
import type { ErrorFields } from './api-error.ts'
import type { KeptAnswer } from './idempotency-keys.ts'
import type { Dropped } from './ledger.ts'
import type { AnyRecord, EventRecord, SubjectRecord } from './records.ts'

type PackedEvent = Omit<EventRecord, 'subject'> & { readonly subject: number }

type PackedAnswer =
  | { readonly kind: 'record'; readonly record: number }
  | {
      readonly kind: 'error'
      readonly status: number
      readonly error: ErrorFields
      readonly intent: number | null
    }
  | Extract<Answer, { kind: 'text' }>

export interface JournalState {
  readonly clockOffsetMs: number
  readonly dropped?: Dropped
}

export interface JournalLine {
  readonly state?: JournalState
  readonly records?: readonly (SubjectRecord | PackedEvent)[]
  readonly old?: readonly SubjectRecord[]
  readonly key?: Omit<KeptAnswer, 'answer'> & { readonly answer: PackedAnswer }
}

export interface JournalEntry {
  /** Versions in the order in which they were written. */
  readonly records: readonly AnyRecord[]
  readonly kept: KeptAnswer | undefined
}

export function packEntry({ records, kept }: JournalEntry): JournalLine {
  const old: AnyRecord[] = []
  const point = (record: AnyRecord): number => {
    const place = records.indexOf(record)
    if (place >= 0) return place
    const oldPlace = old.indexOf(record)
    return records.length + (oldPlace >= 0 ? oldPlace : old.push(record) - 1)
  }
  const packed = records.map((record) =>
    record.kind === 'event' ? { ...record, subject: point(record.subject) } : record,
  )
  const key = kept && { ...kept, answer: packAnswer(kept.answer, point) }
  return {
    ...(packed.length > 0 ? { records: packed } : {}),
    ...(key ? { key } : {}),
    ...(old.length > 0 ? { old: old.filter((record) => record.kind !== 'event') } : {}),
  }
}

function packAnswer(answer: Answer, point: (record: AnyRecord) => number): PackedAnswer {
  switch (answer.kind) {
    case 'record':
      return { kind: 'record', record: point(answer.record) }
    case 'error':
      return { ...answer, intent: answer.intent && point(answer.intent) }
    case 'text':
      return answer
  }
}

export function unpackLine(line: JournalLine): JournalEntry {
  const packed = [...(line.records ?? []), ...(line.old ?? [])]
  const unpacked: AnyRecord[] = []
  for (const [place, record] of packed.entries()) {
    if (record.kind !== 'event') unpacked[place] = record
  }
  for (const [place, record] of packed.entries()) {
    if (record.kind !== 'event') continue
    unpacked[place] = { ...record, subject: subjectAt(unpacked, record.subject) }
  }
  const { key } = line
  return {
    records: unpacked.slice(0, line.records?.length ?? 0),
    kept: key && { ...key, answer: unpackAnswer(key.answer, unpacked) },
  }
}

function unpackAnswer(answer: PackedAnswer, records: readonly AnyRecord[]): Answer {
  switch (answer.kind) {
    case 'record':
      return { kind: 'record', status: 200, record: subjectAt(records, answer.record) }
    case 'error': {
      const intent = answer.intent === null ? null : subjectAt(records, answer.intent)
      return { ...answer, intent: intent?.kind === 'payment_intent' ? intent : null }
    }
    case 'text':
      return answer
  }
}

function subjectAt(records: readonly AnyRecord[], place: number): SubjectRecord {
  const record = records[place]
  if (record === undefined || record.kind === 'event') {
    throw new Error(`The journal line points at record ${place}, which is not there`)
  }
  return record
}
