/** The plain routes, as the server itself declares them: a new one is walked by itself. */
import type { Services } from '../../server/application/services.ts'
import type { DeclaredRoute } from '../../server/transport/declared-routes.ts'
import { httpServer } from '../../server/transport/http-server.ts'

/** Of a server that is put together and never listens: its parts are never asked anything. */
export async function declaredRoutes(): Promise<readonly DeclaredRoute[]> {
  const part = new Proxy({}, { get: () => ({}) })
  const options = { developmentIssuer: {}, services: part as Services, readiness: {}, webhook: {} }
  const app = await httpServer({ ...(part as object), ...options } as Parameters<
    typeof httpServer
  >[0])
  try {
    return app.declaredRoutes.filter(({ access }) => access.kind !== 'calls')
  } finally {
    await app.close()
  }
}
