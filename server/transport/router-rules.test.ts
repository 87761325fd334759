/** What every procedure must declare, read off the router itself: new ones are held to it too. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AccessRule } from '../domain/access.ts'
import { isAudited } from './audited.ts'
import { appRouter } from './routers/index.ts'

type Declared = {
  readonly _def: {
    readonly type: 'query' | 'mutation' | 'subscription'
    readonly meta?: { readonly access?: AccessRule }
    readonly inputs: readonly z.ZodObject[]
    readonly output?: z.ZodType
    readonly middlewares: readonly object[]
  }
}
const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, Declared>,
).map(([path, { _def }]) => ({ path, ..._def }))

/** Inputs that name the thing itself: sending them twice does what sending them once does. */
const repeatableBy = [
  'key',
  'version',
  'holdToken',
  'hold',
  'event',
  'content',
  'code',
  'invitation',
  'apiKey',
  // An address has one account and one code: signing up or asking again replaces the code.
  'email',
  'newEmail',
  // A region that is empty, restored, or has handed over is so, the second time.
  'region',
  'home',
  // A device ends once.
  'refreshToken',
  'session',
  // What is to be the password is it, the second time; a call that fits the old one is refused.
  'newPassword',
]
/** Ends what the caller is: there is one of it for each caller. */
const repeatableAnyhow = [
  'organisations.leave',
  'accounts.signOutEverywhere',
  // One second factor for each caller: begun again it is another one, switched off it is off.
  'accounts.totp.begin',
  'accounts.totp.disable',
]

describe('every procedure', () => {
  it('is known to this test', () => {
    expect(procedures.length).toBeGreaterThan(30)
  })

  it.each(procedures)('$path declares who may call it', ({ meta }) => {
    expect(meta?.access?.kind).toMatch(/^(public|signed-in|owner|role|platform-admin|region)$/)
  })

  it.each(procedures)('$path declares its output', ({ output }) => {
    expect(output).toBeInstanceOf(z.ZodType)
  })

  it.each(procedures)('$path refuses fields that it does not know', ({ inputs }) => {
    expect(inputs).toHaveLength(1)
    const unknown = inputs[0]?.safeParse({ '<a field of nobody>': 1 })
    const codes = unknown?.error?.issues.map((issue) => issue.code)
    expect(codes).toContain('unrecognized_keys')
  })

  const writes = procedures.filter(({ type }) => type === 'mutation')
  it.each(writes)('$path can be sent twice', ({ path, inputs }) => {
    if (repeatableAnyhow.includes(path)) return
    const fields = Object.keys(inputs[0]?.shape ?? {})
    expect(fields.some((field) => repeatableBy.includes(field))).toBe(true)
  })

  const ruled = procedures.filter(({ meta }) => meta?.access?.kind === 'role')
  it.each(ruled)('$path names the organisation that its rule is about', ({ inputs }) => {
    expect(inputs[0]?.shape).toHaveProperty('organisation')
    expect(inputs[0]?.shape['organisation']?.safeParse(undefined).success).toBe(false)
  })

  const administers = writes.filter(
    ({ path, meta }) =>
      path.startsWith('admin.') || ['role', 'platform-admin'].includes(meta?.access?.kind ?? ''),
  )
  it.each(administers)('$path leaves a trace in the audit log', ({ middlewares }) => {
    expect(middlewares.filter(isAudited)).toHaveLength(1)
  })

  it('of the admin router is never public', () => {
    const open = procedures.filter(
      ({ path, meta }) =>
        path.startsWith('admin.') &&
        !['role', 'platform-admin'].includes(meta?.access?.kind ?? 'none'),
    )
    expect(open).toEqual([])
  })
})
