/**
 * A real OpenID Connect issuer: the program oidc-provider, on a port of its own, which gives JWT
 * access tokens (RFC 9068) to one client for one resource. It can be stopped, and started again at
 * the same address with other keys.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWK } from 'jose'
import { Provider } from 'oidc-provider'

export const audience = 'https://tickets.example'
export const client = { client_id: 'fan-1', client_secret: 'a-secret-of-the-tests' }

export type SigningAlgorithm = 'RS256' | 'ES256' | 'EdDSA' | 'PS256'
export type IssuerKey = JWK & { readonly kid: string; readonly alg: SigningAlgorithm }

export function newIssuerKey(kid: string, alg: SigningAlgorithm): IssuerKey {
  const jwk = privateKey(alg).export({ format: 'jwk' }) as JWK
  return { ...jwk, kid, alg, use: 'sig' }
}

function privateKey(alg: SigningAlgorithm) {
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519').privateKey
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
}

export type IssuerOptions = {
  /** Published; the first signs. */
  readonly keys: readonly [IssuerKey, ...IssuerKey[]]
  readonly tokenSeconds?: number
}

export type RunningIssuer = AsyncDisposable & {
  /** `iss` of its tokens, and where its metadata is. */
  readonly url: string
  /** An access token, by the client's credentials; its subject is the client. */
  readonly token: (resource?: string) => Promise<string>
  /** Requests for its documents so far. */
  readonly looks: () => number
  readonly stop: () => Promise<void>
  /** At the same address, after a stop. */
  readonly start: (options: IssuerOptions) => Promise<void>
}

export async function startIssuer(options: IssuerOptions): Promise<RunningIssuer> {
  let looks = 0
  const count = (path: string) => {
    if (path.startsWith('/.well-known/')) looks += 1
  }
  let server = await listen(0, options, count)
  const { port } = server.address() as AddressInfo
  const url = addressOf(port)
  const stop = () => closed(server)
  return {
    url,
    token: (resource = audience) => tokenOf(url, resource),
    looks: () => looks,
    stop,
    start: async (changed) => {
      server = await listen(port, changed, count)
    },
    [Symbol.asyncDispose]: stop,
  }
}

const addressOf = (port: number) => `http://127.0.0.1:${port}`

async function listen(
  port: number,
  options: IssuerOptions,
  count: (path: string) => void,
): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const url = addressOf((server.address() as AddressInfo).port)
  const handle = new Provider(url, configuration(options)).callback()
  server.on('request', (request, response) => {
    count(request.url ?? '')
    handle(request, response)
  })
  return server
}

function configuration({ keys, tokenSeconds = 600 }: IssuerOptions) {
  const { alg, kid } = keys[0]
  return {
    adapter: ForgetfulAdapter,
    jwks: { keys: keys.map((key) => ({ ...key })) },
    cookies: { keys: ['of-the-tests'] },
    clients: [
      {
        ...client,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: alg,
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: [alg], userinfoSigningAlgValues: [alg] },
    ttl: { ClientCredentials: tokenSeconds },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: 'buy',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: tokenSeconds,
          jwt: { sign: { alg, kid } },
        }),
      },
    },
  }
}

/** JWT access tokens live in nobody's memory. */
class ForgetfulAdapter {
  upsert = async () => undefined
  find = async () => undefined
  findByUserCode = async () => undefined
  findByUid = async () => undefined
  consume = async () => undefined
  destroy = async () => undefined
  revokeByGrantId = async () => undefined
}

async function tokenOf(url: string, resource: string): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: 'buy', resource, ...client }
  const headers = { connection: 'close' }
  const body = new URLSearchParams(form)
  const answer = await fetch(`${url}/token`, { method: 'POST', headers, body })
  const { access_token: token } = (await answer.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`The issuer gave no token: status ${answer.status}`)
  return token
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  server.closeAllConnections()
  await new Promise<unknown>((resolve) => server.close(resolve))
}
