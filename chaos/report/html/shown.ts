/** Numbers and times as the page writes them. */

const grouped = new Intl.NumberFormat('en-GB')
const day = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
})

/** `1,204,311`. */
export function count(value: number): string {
  return grouped.format(Math.round(value))
}

/** A rate: fractions only where they matter. */
export function rate(value: number): string {
  return value >= 10 || Number.isInteger(value) ? count(value) : value.toFixed(1)
}

/** `850 ms`, `2.4 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`
  return clock(ms)
}

/** Since the start: `3:07`, `1:02:15`. */
export function clock(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1_000))
  const [hours, minutes, seconds] = [Math.floor(all / 3_600), Math.floor(all / 60) % 60, all % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}

export function moment(ms: number): string {
  return `${day.format(ms)} UTC`
}

/** `1 fault`, `3 faults`. */
export function many(value: number, one: string, other = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : other}`
}
