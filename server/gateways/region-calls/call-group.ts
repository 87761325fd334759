/**
 * Several calls on their way to one region in one signed request, so that HTTP and signature are
 * paid once. The signature is over the body, and so over each call and for whom it is passed on.
 * The answer has a line for each call, in the order in which they are done: none waits for another.
 */
import { z } from 'zod'
import { groupLimits } from '../../platform/group-limits.ts'
import type { WireAnswer } from './exchange.ts'
import { passedOnClaims } from './region-call.ts'

export const groupPath = '/passed-on'
export const groupAnswerType = 'application/x-ndjson'

const groupedCall = z.strictObject({
  method: z.enum(['GET', 'POST']),
  url: z.string().startsWith('/trpc/').max(groupLimits.callCharactersMax),
  body: z.string().max(groupLimits.callCharactersMax),
  /** What goes along as it is, by names in lower case. */
  headers: z.record(z.string(), z.string()),
  for: passedOnClaims,
})
export type GroupedCall = z.output<typeof groupedCall>

export const callGroup = z.array(groupedCall).min(1).max(groupLimits.callsMax)

/** Whether a call may travel with others: large ones would keep them waiting. */
export function isGroupable({
  method,
  url,
  body,
}: Omit<GroupedCall, 'method'> & { method: string }) {
  return (
    (method === 'GET' || method === 'POST') &&
    url.startsWith('/trpc/') &&
    url.length + body.length <= groupLimits.callCharactersMax
  )
}

export function lineOf(at: number, { status, headers, body }: WireAnswer): string {
  return `${JSON.stringify({ at, status, headers, body })}\n`
}

const answerLine = z.object({
  at: z.int().nonnegative(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})

/** @returns null for what is no answer to a call */
export function answerIn(
  line: string,
): { readonly at: number; readonly answer: WireAnswer } | null {
  try {
    const { at, ...answer } = answerLine.parse(JSON.parse(line))
    return { at, answer }
  } catch {
    return null
  }
}
