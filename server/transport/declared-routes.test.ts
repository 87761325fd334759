/** A route that says nothing of who may call it does not start. */
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { declareRoutes } from './declared-routes.ts'

const open = { config: { access: { kind: 'public' } } } as const

describe('a plain route', () => {
  it.each(['GET', 'POST', 'DELETE'] as const)('of %s without a rule stops the start', (method) => {
    const app = fastify()
    declareRoutes(app)
    const add = () => app.route({ method, url: '/open', handler: () => 'here' })
    expect(add).toThrow(`${method} /open does not say who may call it`)
  })

  it('in a plugin without a rule stops the start', async () => {
    const app = fastify()
    declareRoutes(app)
    await app.register(async (scope) => void scope.get('/open', open, () => 'here'))
    const plugin = app.register(async (scope) => void scope.get('/closed', () => 'here'))
    await expect(Promise.resolve(plugin)).rejects.toThrow('GET /closed does not say')
  })

  it('with a rule is listed, and the answer to HEAD with it', async () => {
    const app = fastify()
    declareRoutes(app)
    app.get('/open', open, () => 'here')
    await app.ready()
    const kinds = app.declaredRoutes.map(({ method, url, access }) => [method, url, access.kind])
    expect(kinds).toEqual([
      ['GET', '/open', 'public'],
      ['HEAD', '/open', 'public'],
    ])
  })
})
