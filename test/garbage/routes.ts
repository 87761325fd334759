/** The plain routes, as the server itself declares them: a new one is walked by itself. */
import type { DeclaredRoute } from '../../server/transport/declared-routes.ts'
import { httpServer } from '../../server/transport/http-server.ts'

/** Of a server that is put together and never listens: its parts are never asked anything. */
export async function declaredRoutes(): Promise<readonly DeclaredRoute[]> {
  const app = await httpServer(anyPart as unknown as Parameters<typeof httpServer>[0])
  try {
    return app.declaredRoutes.filter(({ access }) => access.kind !== 'calls')
  } finally {
    await app.close()
  }
}

/** Has every part, each like itself, and lists nothing. */
export const anyPart: object = new Proxy(() => anyPart, {
  get: (_, name) => {
    if (name === 'then') return undefined
    if (name === 'length') return 0
    if (name === 'bounds') return {}
    return name === Symbol.iterator ? [][Symbol.iterator] : anyPart
  },
})
