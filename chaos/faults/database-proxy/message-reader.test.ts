import { describe, expect, it } from 'vitest'
import { MessageReader } from './message-reader.ts'
import { queryTold, readyTold } from './told.ts'

const startup = Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 7])
const long = queryTold('z'.repeat(300))
const stream = Buffer.concat([startup, queryTold('begin'), long, readyTold('T'), queryTold('')])

/** Messages by their place are left out; all others go on. */
function read(chunks: readonly Buffer[], left: (place: number) => boolean) {
  const reader = new MessageReader(true)
  const seen: string[] = []
  const gone: Buffer[] = []
  for (const chunk of chunks) {
    reader.add(chunk)
    while (reader.next()) {
      seen.push(`${reader.type}${reader.body.length}`)
      if (left(seen.length - 1)) {
        gone.push(Buffer.from(reader.takeRun()))
        reader.skip()
      } else reader.pass()
    }
    gone.push(Buffer.from(reader.takeRun()))
  }
  return { seen, gone: Buffer.concat(gone) }
}

function inChunksOf(bytes: number): Buffer[] {
  const count = Math.ceil(stream.length / bytes)
  return Array.from({ length: count }, (_, n) => stream.subarray(n * bytes, (n + 1) * bytes))
}

const sizes = [1, 2, 3, 5, 7, 64, 299, stream.length]

describe('a stream of messages', () => {
  it.each(sizes)('in chunks of %i bytes is seen whole and goes on as it came', (bytes) => {
    const { seen, gone } = read(inChunksOf(bytes), () => false)
    expect(seen).toEqual(['5', 'Q6', 'Q301', 'Z1', 'Q1'])
    expect(gone).toEqual(stream)
  })

  it.each(sizes)('in chunks of %i bytes goes on without what is left out', (bytes) => {
    const { gone } = read(inChunksOf(bytes), (place) => place === 1 || place === 3)
    expect(gone).toEqual(Buffer.concat([startup, long, queryTold('')]))
  })

  it('is not copied where messages come whole', () => {
    const reader = new MessageReader(true)
    reader.add(stream)
    while (reader.next()) reader.pass()
    expect(reader.takeRun().buffer).toBe(stream.buffer)
  })
})
