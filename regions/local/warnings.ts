/**
 * Follows the server's log file and hands on its warnings and errors as one line each. The server
 * writes to the file itself, so a slow terminal never slows a sale.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'

const lookEveryMs = 500
/** A flood belongs into the file. */
const linesPerLookMax = 5
const bytesPerLookMax = 1_000_000
const warningLevel = 40

/** Hears what is written from now on. @returns how to end it. */
export function followWarnings(file: string, hear: (line: string) => void): () => void {
  let position = sizeOf(file)
  const look = () => {
    const size = sizeOf(file)
    // A log that was put aside begins anew.
    if (size < position) position = 0
    if (size === position) return
    const text = readFrom(file, Math.max(position, size - bytesPerLookMax))
    const end = text.lastIndexOf('\n') + 1
    position = size - Buffer.byteLength(text.slice(end))
    const warnings = text.slice(0, end).split('\n').flatMap(warningIn)
    for (const warning of warnings.slice(0, linesPerLookMax)) hear(warning)
    const more = warnings.length - linesPerLookMax
    if (more > 0) hear(`… and ${more} more in ${file}`)
  }
  const timer = setInterval(look, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

function warningIn(line: string): string[] {
  if (!line.startsWith('{"level":')) return []
  try {
    const entry = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } }
    if ((entry.level ?? 0) < warningLevel) return []
    const cause = entry.err?.message
    return [cause === undefined ? `${entry.msg}` : `${entry.msg}: ${cause}`]
  } catch {
    return []
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function readFrom(file: string, start: number): string {
  const handle = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(sizeOf(file) - start)
    const read = readSync(handle, buffer, 0, buffer.length, start)
    return buffer.subarray(0, read).toString('utf8')
  } finally {
    closeSync(handle)
  }
}
