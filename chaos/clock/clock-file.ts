/**
 * What the drill and the module in the server (shifted-clock.ts) agree on: where the shift of a
 * server's clock is written, and the header by which both speak.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Shift = { readonly byMs: number } | { readonly frozenAtMs: number }

export const rightClock: Shift = { byMs: 0 }

/**
 * Sent with any value, it is answered with the server's wall clock in milliseconds, and how many
 * other calls it began to answer while that was wrong.
 */
export const clockHeader = 'x-drill-clock'

const clockModule = new URL('./shifted-clock.ts', import.meta.url).href
const fileParameter = 'file'

/** As `startLocal` takes it: what a region's server must load to have its clock shifted later. */
export function preloadOfClocks(folder: string): (region: string) => readonly string[] {
  return (region) => {
    const url = new URL(clockModule)
    url.searchParams.set(fileParameter, join(folder, `${region}.clock`))
    return [url.href]
  }
}

/** @returns the file of a server that was started with these modules; null: it has no such clock */
export function clockFileOf(preload: readonly string[]): string | null {
  const ours = preload.find((one) => one.startsWith(clockModule))
  return ours === undefined ? null : fileOfModule(ours)
}

export function fileOfModule(url: string): string {
  const file = new URL(url).searchParams.get(fileParameter)
  if (file === null) throw new Error(`${fileURLToPath(url)} is loaded with ?${fileParameter}=`)
  return file
}

/** Null: the clock is right. */
export function writeShift(file: string, shift: Shift | null): void {
  if (shift === null) {
    rmSync(file, { force: true })
    return
  }
  mkdirSync(dirname(file), { recursive: true })
  // Whoever looks sees all of it or nothing.
  writeFileSync(`${file}.new`, JSON.stringify(shift))
  renameSync(`${file}.new`, file)
}
