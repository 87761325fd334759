/** Files of one record a line, written as the records come: a run may leave more than fits a string. */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A write for each record would take longer than reading it. */
const pieceCharacters = 65_536

/** In pages: to wait for each record by itself would take longer than to write it. */
type Pages = Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>

/** @returns how many */
export async function writeJsonLines(path: string, pages: Pages): Promise<number> {
  return await writeEach(path, pages, { before: '', between: '\n', after: '\n', ifNone: '' })
}

/** One array, an element a line. @returns how many */
export async function writeJsonArray(path: string, pages: Pages): Promise<number> {
  const marks = { before: '[\n', between: ',\n', after: '\n]\n', ifNone: '[]\n' }
  return await writeEach(path, pages, marks)
}

type Marks = {
  readonly before: string
  readonly between: string
  readonly after: string
  readonly ifNone: string
}

async function writeEach(path: string, pages: Pages, marks: Marks): Promise<number> {
  await mkdir(dirname(path), { recursive: true })
  let count = 0
  async function* pieces(): AsyncGenerator<string> {
    let piece = ''
    for await (const page of pages) {
      for (const record of page) {
        piece += `${count === 0 ? marks.before : marks.between}${JSON.stringify(record)}`
        count += 1
        if (piece.length < pieceCharacters) continue
        yield piece
        piece = ''
      }
    }
    yield piece + (count === 0 ? marks.ifNone : marks.after)
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path))
  return count
}
