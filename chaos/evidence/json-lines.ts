/** Files of one record a line, written as the records come: a run may leave more than fits a string. */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A write for each record would take longer than reading it. */
const pieceCharacters = 65_536

type Records = Iterable<unknown> | AsyncIterable<unknown>

/** @returns how many */
export async function writeJsonLines(path: string, records: Records): Promise<number> {
  return await writeEach(path, records, { before: '', between: '\n', after: '\n', ifNone: '' })
}

/** One array, an element a line. @returns how many */
export async function writeJsonArray(path: string, records: Records): Promise<number> {
  const marks = { before: '[\n', between: ',\n', after: '\n]\n', ifNone: '[]\n' }
  return await writeEach(path, records, marks)
}

type Marks = {
  readonly before: string
  readonly between: string
  readonly after: string
  readonly ifNone: string
}

async function writeEach(path: string, records: Records, marks: Marks): Promise<number> {
  await mkdir(dirname(path), { recursive: true })
  let count = 0
  async function* pieces(): AsyncGenerator<string> {
    let piece = ''
    for await (const record of records) {
      piece += `${count === 0 ? marks.before : marks.between}${JSON.stringify(record)}`
      count += 1
      if (piece.length < pieceCharacters) continue
      yield piece
      piece = ''
    }
    yield piece + (count === 0 ? marks.ifNone : marks.after)
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path))
  return count
}
