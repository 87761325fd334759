/**
 * The only door to procedures: a builder exists only together with its access rule, so that a
 * procedure without one does not compile. Rules are data in `meta.access`; tests read them.
 */
import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError, z } from 'zod'
import { hasRole, type Role } from '../domain/access.ts'
import { type RefusalCode, RefusedError, refusal, refusals } from '../domain/refusal.ts'
import { idPatterns, type OrganisationId } from '../platform/ids.ts'
import type { Context } from './context.ts'
import { refusalOf, trpcErrorOf, waitOf } from './errors.ts'

export type AccessRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' }
  /** Signed in, and the use-case answers NOT_FOUND unless the caller owns the thing. */
  | { readonly kind: 'owner'; readonly of: 'hold' | 'order' | 'ticket' }
  /** A role on the organisation that `input.organisation` names. */
  | { readonly kind: 'role'; readonly role: Role }
  | { readonly kind: 'platform-admin' }

export type Meta = { readonly access: AccessRule }

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
    errorFormatter: ({ shape, error, ctx }) => ({
      code: shape.code,
      message: publicMessage(error),
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        path: shape.data.path ?? null,
        requestId: ctx?.requestId ?? null,
        refusal: refusalData(error),
        issues: isInputFault(error) ? issuesOf(error.cause) : null,
      },
    }),
  })

/** What tRPC itself refuses before a procedure runs. */
const codeOfWire: Partial<Record<TRPCError['code'], RefusalCode>> = {
  BAD_REQUEST: 'BAD_INPUT',
  PARSE_ERROR: 'BAD_INPUT',
  METHOD_NOT_SUPPORTED: 'BAD_INPUT',
  UNSUPPORTED_MEDIA_TYPE: 'BAD_INPUT',
  NOT_FOUND: 'NOT_FOUND',
  PAYLOAD_TOO_LARGE: 'TOO_LARGE',
}

/** Not every fault of a shape is the caller's: an output that does not fit is ours. */
function isInputFault(error: TRPCError): error is TRPCError & { readonly cause: ZodError } {
  return error.code === 'BAD_REQUEST' && error.cause instanceof ZodError
}

/** Which field is wrong and why; the value itself is never repeated. */
function issuesOf(error: ZodError): { path: string; message: string }[] {
  return error.issues
    .slice(0, 20)
    .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }))
}

function refusalData(error: TRPCError): RefusalData | null {
  if (!(error.cause instanceof RefusedError)) {
    const code = codeOfWire[error.code]
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
  return error.code === 'INTERNAL_SERVER_ERROR' ? 'Something failed on our side.' : error.message
}

/** Turns what use-cases and stores throw into one vocabulary, and counts and logs it. */
const base = t.procedure.use(async ({ ctx, next, path, type }) => {
  const startedMs = ctx.services.clock.monotonicMs()
  const result = await next()
  const seconds = (ctx.services.clock.monotonicMs() - startedMs) / 1000
  if (result.ok) {
    ctx.services.metrics.call({ path, type, outcome: 'ok', seconds })
    return result
  }
  const cause = result.error.cause ?? result.error
  const refused = refusalOf(cause)
  if (refused !== null) {
    ctx.services.metrics.call({ path, type, outcome: refused.code, seconds })
    if (refusals[refused.code].transient) ctx.log.warn({ path, err: cause }, refused.code)
    throw trpcErrorOf(refused, cause)
  }
  const internal = result.error.code === 'INTERNAL_SERVER_ERROR'
  ctx.services.metrics.call({ path, type, outcome: internal ? 'error' : 'BAD_INPUT', seconds })
  if (internal) ctx.log.error({ path, err: cause }, 'a procedure failed')
  return result
})

const authenticated = base.use(({ ctx, next }) => {
  if (ctx.caller === null) {
    throw new RefusedError(refusal('NOT_SIGNED_IN', 'Sign in, or renew your access token.'))
  }
  return next({ ctx: { ...ctx, caller: ctx.caller } })
})

const organisationInput = z.looseObject({ organisation: z.string().regex(idPatterns.org) })

export const router = t.router

/** The procedure builders, one for each access rule. There is no other way to make one. */
export const procedure = {
  public: base.meta({ access: { kind: 'public' } }),
  signedIn: authenticated.meta({ access: { kind: 'signed-in' } }),
  owner: (of: 'hold' | 'order' | 'ticket') => authenticated.meta({ access: { kind: 'owner', of } }),
  platformAdmin: authenticated.meta({ access: { kind: 'platform-admin' } }).use(({ ctx, next }) => {
    if (!ctx.caller.platformAdmin) throw notAllowed()
    return next()
  }),
  role: (role: Role) =>
    authenticated
      .meta({ access: { kind: 'role', role } })
      .use(async ({ ctx, next, getRawInput }) => {
        const parsed = organisationInput.safeParse(await getRawInput())
        if (!parsed.success) throw new TRPCError({ code: 'BAD_REQUEST', cause: parsed.error })
        const organisation = parsed.data.organisation as OrganisationId
        if (!hasRole(ctx.caller, organisation, role)) throw notAllowed()
        return next()
      }),
}

function notAllowed(): RefusedError {
  return new RefusedError(refusal('NOT_ALLOWED', 'Your role does not allow this.'))
}
