/**
 * The only door to procedures: a builder exists only together with its access rule, so that a
 * procedure without one does not compile. Rules are data in `meta.access`; tests read them.
 */
import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError, z } from 'zod'
import {
  type AccessRule,
  keyCovers,
  type OwnedThing,
  type Person,
  type Role,
  roleCovers,
  type Scope,
} from '../domain/access.ts'
import { type RefusalCode, RefusedError, refusal, refusals } from '../domain/refusal.ts'
import { idPatterns, type OrganisationId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { traced } from '../platform/tracing.ts'
import { keepLook } from './audit-facts.ts'
import { limitOrganisation } from './call-limits.ts'
import type { Context } from './context.ts'
import { refusalOf, trpcErrorOf, waitOf } from './errors.ts'
import { issuesOf } from './input-issues.ts'
import { shownPath, unreached } from './unreached.ts'

export type Meta = {
  /** Every builder below has one; it is optional only so that a procedure can add `at` alone. */
  readonly access?: AccessRule
  /**
   * Only servers of the region with the authority over the event's home region do this: others
   * pass the whole call on (calls-elsewhere.ts). Absent: done wherever it arrives.
   */
  readonly at?: 'authority'
}

/** What a failed call carries beside tRPC's own fields. Never a stack, never a cause. */
export type RefusalData = {
  readonly code: RefusalCode
  readonly message: string
  readonly transient: boolean
  readonly retryAfterMs: number | null
  readonly details: Readonly<Record<string, unknown>> | null
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    errorFormatter: ({ shape, error, type, ctx }) => ({
      code: shape.code,
      message: publicMessage(error),
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        path: shownPath(shape.data.path, type),
        requestId: ctx?.requestId ?? null,
        refusal: refusalData(error),
        issues: isInputFault(error) ? issuesOf(error.cause) : null,
      },
    }),
  })

/** Not every fault of a shape is the caller's: an output that does not fit is ours. */
function isInputFault(error: TRPCError): error is TRPCError & { readonly cause: ZodError } {
  return error.code === 'BAD_REQUEST' && error.cause instanceof ZodError
}

function refusalData(error: TRPCError): RefusalData | null {
  if (!(error.cause instanceof RefusedError)) {
    const code = unreached[error.code]?.code
    if (code === undefined) return null
    return {
      code,
      message: publicMessage(error),
      transient: false,
      retryAfterMs: null,
      details: null,
    }
  }
  const { code, message, details } = error.cause.refusal
  const retryAfterMs = waitOf(error.cause.refusal) ?? null
  return { code, message, details: details ?? null, retryAfterMs, ...refusals[code] }
}

function publicMessage(error: TRPCError): string {
  if (error.cause instanceof RefusedError) return error.message
  if (isInputFault(error)) return 'The input is not valid; see issues.'
  return unreached[error.code]?.message ?? 'Something failed on our side.'
}

/** Turns what use-cases and stores throw into one vocabulary, and counts and logs it. */
const counted = t.procedure.use(async ({ ctx, next, path }) => {
  const facts = { 'rpc.system.name': 'trpc', 'rpc.method': path }
  const result = await traced(`call ${path}`, facts, async (span) => {
    const startedMs = ctx.services.clock.monotonicMs()
    const answered = await next()
    const seconds = (ctx.services.clock.monotonicMs() - startedMs) / 1000
    const outcome = answered.ok ? 'ok' : tellFailure({ ctx, path, error: answered.error })
    ctx.services.metrics.call({ method: path, outcome, seconds })
    if (outcome !== 'ok') span.set({ 'frontrow.outcome': outcome })
    // A refusal is an answer; only what we could not answer is a failure.
    if (outcome === 'error') span.failed('INTERNAL_SERVER_ERROR')
    return answered
  })
  if (result.ok) return result
  const cause = causeOf(result.error)
  const refused = refusalOf(cause)
  if (refused !== null) throw trpcErrorOf(refused, cause)
  return result
})

/** What was decided about the whole request before any procedure: the call is answered so. */
const base = counted.use(({ ctx, next }) => {
  if (ctx.refused !== null) throw new RefusedError(ctx.refused)
  return next()
})

type FailedCall = { readonly ctx: Context; readonly path: string; readonly error: TRPCError }

/** Logs and counts a call that failed. @returns its outcome: a refusal's code, or `error` */
function tellFailure({ ctx, path, error }: FailedCall): string {
  const cause = causeOf(error)
  const refused = refusalOf(cause)
  if (refused !== null) {
    ctx.services.metrics.count('frontrow.refusals', { code: refused.code })
    // Who calls too often is counted, and must not fill the log.
    const isOurs = refusals[refused.code].transient && refused.code !== 'RATE_LIMITED'
    if (isOurs) ctx.log.warn({ path, err: cause }, refused.code)
    return refused.code
  }
  if (error.code !== 'INTERNAL_SERVER_ERROR') return 'BAD_INPUT'
  ctx.log.error({ path, err: cause }, 'a procedure failed')
  return 'error'
}

function causeOf(error: TRPCError): unknown {
  return error.cause ?? error
}

/** Signed in by whatever proof: a token, a key, or a region's signature. */
const identified = base.use(({ ctx, next }) => {
  if (ctx.caller === null) {
    throw new RefusedError(refusal('NOT_SIGNED_IN', 'Sign in, or renew your access token.'))
  }
  return next({ ctx: { ...ctx, caller: ctx.caller } })
})

/** Programs of partners and servers of regions own nothing and buy nothing: persons do. */
const signedIn = identified.use(({ ctx, next }) => {
  const { caller } = ctx
  if (caller.kind !== 'person') throw notAllowed()
  return next({ ctx: { ...ctx, caller } })
})

const organisationInput = z.looseObject({ organisation: z.string().regex(idPatterns.org) })

export const router = t.router
export const middleware = t.middleware

/** The procedure builders, one for each access rule. There is no other way to make one. */
export const procedure = {
  public: base.meta({ access: { kind: 'public' } }),
  signedIn: signedIn.meta({ access: { kind: 'signed-in' } }),
  owner: (of: OwnedThing) => signedIn.meta({ access: { kind: 'owner', of } }),
  platformAdmin: signedIn
    .meta({ access: { kind: 'platform-admin' } })
    .use(async ({ ctx, next }) => {
      if (!(await ctx.services.members.isPlatformAdmin(ctx.caller.id))) throw notAllowed()
      return next()
    }),
  region: identified.meta({ access: { kind: 'region' } }).use(({ ctx, next }) => {
    const { caller } = ctx
    if (caller.kind !== 'region') throw notAllowed()
    return next({ ctx: { ...ctx, caller } })
  }),
  /** @param scope with which a machine's key may call it; null: persons only */
  role: (role: Role, scope: Scope | null) =>
    identified
      .meta({ access: { kind: 'role', role, scope } })
      .use(async ({ ctx, next, getRawInput, path, type }) => {
        const input = await getRawInput()
        const parsed = organisationInput.safeParse(input)
        if (!parsed.success) throw new TRPCError({ code: 'BAD_REQUEST', cause: parsed.error })
        const organisation = parsed.data.organisation as OrganisationId
        const { caller } = ctx
        if (caller.kind === 'region') throw notAllowed()
        if (caller.kind === 'machine') {
          if (!keyCovers(caller, { scope }, organisation)) throw notAllowed()
          await limitOrganisation(ctx.services, organisation)
          return next({ ctx: { ...ctx, caller, actingReason: null } })
        }
        const actingReason = await reasonToAct({ ...ctx, caller }, organisation, role)
        await limitOrganisation(ctx.services, organisation)
        const called = { ...ctx, caller, actingReason }
        const result = await next({ ctx: called })
        // What a mutation does is kept by audited(); a look leaves its trace here.
        const looked = actingReason !== null && type === 'query' && result.ok
        if (looked) await keepLook(called, { action: path, organisation, input })
        return result
      }),
}

/**
 * Null when the person's own role allows it. Those who run the platform may act for any
 * organisation, but only with a reason that is kept.
 */
async function reasonToAct(
  { services, caller, actingReason }: Context & { readonly caller: Person },
  organisation: OrganisationId,
  needed: Role,
): Promise<string | null> {
  const role = await services.members.roleOn(caller.id, organisation)
  if (role !== null && roleCovers(role, needed)) return null
  if (!(await services.members.isPlatformAdmin(caller.id))) throw notAllowed()
  if (actingReason === null) {
    const { actingReasonCharactersMin: least, actingReasonCharactersMax: most } = limits
    const text = `Say why you act for this organisation: x-acting-reason, ${least} to ${most} characters.`
    throw new RefusedError(refusal('REASON_NEEDED', text))
  }
  return actingReason
}

function notAllowed(): RefusedError {
  return new RefusedError(refusal('NOT_ALLOWED', 'Your role does not allow this.'))
}
