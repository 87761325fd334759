/** Every procedure as the router itself declares it. */
import type { z } from 'zod'
import type { AccessRule } from '../../server/domain/access.ts'
import { appRouter } from '../../server/transport/routers/index.ts'

export type Middleware = unknown
export type Procedure = {
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly rule: AccessRule
  /** Only servers of the region with the authority do it. */
  readonly isAtAuthority: boolean
  readonly input: z.ZodObject
  /** Called in order, input parsers among them; tests take one out to see it missed. */
  readonly middlewares: Middleware[]
}

type Declared = {
  readonly _def: {
    readonly type: 'query' | 'mutation'
    readonly meta: { readonly access: AccessRule; readonly at?: 'authority' }
    readonly inputs: readonly z.ZodObject[]
    readonly middlewares: Middleware[]
  }
}

export const procedures: readonly Procedure[] = Object.entries(
  appRouter._def.procedures as unknown as Record<string, Declared>,
).map(([path, { _def }]) => {
  const [input] = _def.inputs
  if (input === undefined) throw new Error(`${path} has no input`)
  const { type, meta, middlewares } = _def
  const isAtAuthority = meta.at === 'authority'
  return { path, type, rule: meta.access, isAtAuthority, input, middlewares }
})
