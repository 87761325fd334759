/**
 * What a link is and what may be wrong with it, as data: the same in the program that carries the
 * bytes, in the launcher that tells it what to do, and in what a person sends with curl.
 */
import { z } from 'zod'

const portMax = 65_535
const dayMs = 86_400_000

export const linkFault = z.discriminatedUnion('kind', [
  /** Connections are reset, and new ones are reset at once. */
  z.strictObject({ kind: z.literal('cut') }),
  /** Connections are taken and stand; nothing passes. What was sent passes when it is healed. */
  z.strictObject({ kind: z.literal('black-hole') }),
  /** The same in one direction: `there` is what the caller sends, `back` what it is answered. */
  z.strictObject({ kind: z.literal('one-way'), lost: z.enum(['there', 'back']) }),
  /** So many bytes a second in each direction, for all connections together. */
  z.strictObject({ kind: z.literal('slow'), bytesPerSecond: z.int().min(1).max(1e9) }),
  /** So much later than usual, in each direction. */
  z.strictObject({ kind: z.literal('late'), byMs: z.number().min(0).max(dayMs) }),
  /**
   * The far side is gone and the caller does not know: bytes vanish, new connections stand silent.
   * Healed, the caller's next word is answered with a reset, as by a machine that was restarted.
   */
  z.strictObject({ kind: z.literal('half-open') }),
])
export type LinkFault = z.output<typeof linkFault>

const target = z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(portMax) })
export type LinkTarget = z.output<typeof target>

const linkPlan = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** Where the near side connects, on 127.0.0.1; 0 takes a free one. */
  port: z.int().min(0).max(portMax),
  target,
  roundTripMs: z.number().min(0).max(dayMs),
})
export type LinkPlan = z.output<typeof linkPlan>

/** Of the program: `control` is the port of its own. */
export const linksPlan = z.strictObject({
  control: z.int().min(0).max(portMax),
  links: z.array(linkPlan),
})
export type LinksPlan = z.output<typeof linksPlan>

export const linkTarget = target

export type LinkState = LinkPlan & {
  /** `from/to`, and so it is addressed. */
  readonly name: string
  readonly fault: LinkFault | null
  readonly connections: number
  /**
   * How often the fault was met since it was set, also after it was healed: connections that it
   * reset or took without an answer, words that it delayed, held back or lost. 0: nobody felt it.
   */
  readonly struck: number
  /** Delivered since the start; `underWay` is what has been taken and has not arrived. */
  readonly bytes: { readonly there: number; readonly back: number; readonly underWay: number }
}

export function nameOf({ from, to }: Pick<LinkPlan, 'from' | 'to'>): string {
  return `${from}/${to}`
}

/** `from/to`, where a star stands for every end: `us-east1/*` is all that leaves us-east1. */
export function isMeant(link: Pick<LinkPlan, 'from' | 'to'>, pattern: string): boolean {
  const [from, to, ...more] = pattern.split('/')
  const fits = (wish: string | undefined, end: string) => wish === '*' || wish === end
  return more.length === 0 && fits(from, link.from) && fits(to, link.to)
}
