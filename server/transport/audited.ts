/**
 * Keeps a trace of a call that changes what belongs to an organisation or to the platform: before
 * it, what is going to be done and what there was; after it, what became of it. When the first
 * cannot be written the call does not happen; when the second cannot, the first still tells.
 *
 * To be used after `.input()` and before `.output()`: what is refused as malformed leaves no trace.
 */
import type { Services } from '../application/services.ts'
import type { Caller } from '../domain/access.ts'
import { type AuditFacts, platformChain } from '../domain/audit-entry.ts'
import { auditable, subjectsOf } from '../domain/audit-state.ts'
import { RefusedError } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { callFacts } from './audit-facts.ts'
import type { Context } from './context.ts'
import { refusalOf } from './errors.ts'
import { middleware } from './trpc.ts'

export type Trace<Input> = {
  /** The state that the call is going to change, read before it. */
  readonly before?: (services: Services, input: Input, caller: Caller) => Promise<unknown>
  /**
   * Whose chain it belongs to, where the input does not name the organisation; null: nothing of
   * anybody is touched, so that no trace is needed.
   */
  readonly chain?: (services: Services, input: Input, caller: Caller) => Promise<string | null>
}

const marked = new WeakSet<object>()

/** @param trace Input: the fields of the call's input that it reads */
export function audited<Input = unknown>(trace: Trace<Input> = {}) {
  const kept = middleware(async ({ ctx, next, path, input }) => {
    const caller = present(ctx.caller, 'who calls')
    const given = input as Input
    const chain = trace.chain
      ? await trace.chain(ctx.services, given, caller)
      : chainOf(present(input, 'the input: audited() stands after input()'))
    if (chain === null) return next()
    const about = { ...callFacts({ ...ctx, caller }, path), chain, input: auditable(input) }
    const begunSeq = await ctx.services.audit.append({
      ...about,
      phase: 'begun',
      begunSeq: null,
      subjects: subjectsOf(input),
      before: auditable(await stateBefore(() => trace.before?.(ctx.services, given, caller))),
      after: null,
      outcome: null,
    })
    const result = await next()
    const output = result.ok ? result.data : null
    await end(ctx, {
      ...about,
      phase: 'ended',
      begunSeq,
      input: null,
      subjects: subjectsOf(input, output),
      before: null,
      after: auditable(output),
      outcome: result.ok ? 'done' : outcomeOf(result.error),
    })
    return result
  })
  for (const each of kept._middlewares) marked.add(each)
  return kept
}

/** True for a middleware that `audited` made. */
export function isAudited(each: object): boolean {
  return marked.has(each)
}

function chainOf(input: unknown): string {
  const { organisation } = input as { readonly organisation?: unknown }
  return typeof organisation === 'string' ? organisation : platformChain
}

/** What is not there, or belongs to others, has no state; the call itself will say so. */
async function stateBefore(load: () => Promise<unknown> | undefined): Promise<unknown> {
  try {
    return await load()
  } catch (cause) {
    if (cause instanceof RefusedError) return null
    throw cause
  }
}

function outcomeOf(error: { readonly cause?: unknown }): string {
  return refusalOf(error.cause ?? error)?.code ?? 'failed'
}

async function end(ctx: Context, facts: AuditFacts): Promise<void> {
  try {
    await ctx.services.audit.append(facts)
  } catch (err) {
    const { action, chain, begunSeq, outcome } = facts
    const about = { err, requestId: facts.requestId, action, chain, begunSeq, outcome }
    ctx.log.error(about, 'the end of an action could not be written into the audit log')
  }
}
