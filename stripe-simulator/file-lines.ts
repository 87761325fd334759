/**
 * The lines of a large file, one after the other, with what the journal must know of the last one:
 * whether its line feed was written.
 */
import { createReadStream } from 'node:fs'

const chunkBytes = 1_048_576
const lineFeed = 10

export interface FileLine {
  readonly text: string
  /** With its line feed. */
  readonly bytes: number
  readonly isComplete: boolean
}

export async function* readFileLines(path: string): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    const buffer: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = buffer.indexOf(lineFeed); end >= 0; end = buffer.indexOf(lineFeed, start)) {
      const text = buffer.toString('utf8', start, end)
      yield { text, bytes: end + 1 - start, isComplete: true }
      start = end + 1
    }
    rest = buffer.subarray(start)
  }
  if (rest.length > 0) yield { text: rest.toString(), bytes: rest.length, isComplete: false }
}
