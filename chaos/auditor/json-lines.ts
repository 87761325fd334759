/** Files with one JSON value a line, of any length, without ever holding more than a piece of text. */
import { createReadStream } from 'node:fs'
import { EvidenceError } from './facts/columns.ts'

const pieceBytes = 1 << 20

/**
 * All values of a file. One that is cut off at its end, as by a disk that was full, is told: nobody
 * should judge half a run as a whole one.
 */
export async function readJsonLines<Value>(path: string): Promise<Value[]> {
  const values: Value[] = []
  let rest = ''
  const take = (line: string): void => {
    if (line !== '') values.push(valueOf<Value>(line, { path, line: values.length + 1 }))
  }
  const pieces = createReadStream(path, { encoding: 'utf8', highWaterMark: pieceBytes })
  for await (const piece of pieces) {
    const lines = (rest + (piece as string)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
  take(rest)
  return values
}

function valueOf<Value>(line: string, at: { readonly path: string; readonly line: number }): Value {
  try {
    return JSON.parse(line) as Value
  } catch (cause) {
    throw new EvidenceError(`${at.path}:${at.line} is no JSON: ${line.slice(0, 80)}`, { cause })
  }
}
