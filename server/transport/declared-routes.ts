/**
 * Every plain route declares who may call it, as every procedure does: `config: { access }`. A
 * route without a rule stops the start; tests walk the list that is kept here.
 */
import type { FastifyInstance } from 'fastify'
import type { AccessRule } from '../domain/access.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `calls`: the rule of each procedure that is called through this route. */
    access?: AccessRule | { readonly kind: 'calls' }
  }
  interface FastifyInstance {
    readonly declaredRoutes: readonly DeclaredRoute[]
  }
}

export type DeclaredRoute = {
  readonly method: string
  readonly url: string
  readonly access: AccessRule | { readonly kind: 'calls' }
}

/** To be called before the first route. @throws Error at a route that declares no rule */
export function declareRoutes(app: FastifyInstance): void {
  const declared: DeclaredRoute[] = []
  app.decorate('declaredRoutes', declared)
  app.addHook('onRoute', ({ method, url, config }) => {
    const access = config?.access
    for (const each of [method].flat()) {
      // What a browser asks before it calls is answered for every address alike.
      if (each === 'OPTIONS' && url === '*') continue
      if (access === undefined) throw new Error(`${each} ${url} does not say who may call it`)
      declared.push({ method: each, url, access })
    }
  })
}
