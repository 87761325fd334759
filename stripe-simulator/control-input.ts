/**
 * Bodies of the control API, as JSON or as a form (so that plain `curl -d` works), checked.
 */
import { z } from 'zod'
import { faultKinds } from './fault-book.ts'
import { parseFormBody } from './form-body.ts'
import { limits } from './limits.ts'

/** The control call is wrong; the message says what. */
export class ControlError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const faultSchema = z.strictObject({
  kind: z.enum(faultKinds),
  times: z.coerce.number().int().min(1).optional(),
  probability: z.coerce.number().min(0).max(1).optional(),
  method: z.enum(['GET', 'POST', 'get', 'post']).optional(),
  path: z.string().startsWith('/').optional(),
  event: z.string().optional(),
  delayMs: z.coerce.number().int().min(0).max(limits.faultDelayMs).optional(),
  first: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((is) => is === 'true')])
    .optional(),
})

export const webhookEndpointSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().min(1),
  events: z
    .union([z.array(z.string()), z.string().transform((names) => names.split(','))])
    .default(['*']),
})

export const clockSchema = z.strictObject({
  advanceMs: z.coerce.number().int().min(0).max(limits.clockAdvanceMs),
})

export const authenticationSchema = z.strictObject({ outcome: z.enum(['approve', 'refuse']) })

export const settlementSchema = z.strictObject({ outcome: z.enum(['succeeded', 'failed']) })

export function readBody<T>(schema: z.ZodType<T>, body: string): T {
  const parsed = schema.safeParse(parseBody(body))
  if (parsed.success) return parsed.data
  throw new ControlError(400, z.prettifyError(parsed.error))
}

function parseBody(body: string): unknown {
  try {
    return body.trimStart().startsWith('{') ? JSON.parse(body) : { ...parseFormBody(body) }
  } catch {
    throw new ControlError(400, 'The body is neither JSON nor a form.')
  }
}
