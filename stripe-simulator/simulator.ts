/**
 * The Stripe simulator as one object: started, it listens; closed, nothing of it is left. It shares
 * no code with the server that it is used by.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handleApi } from './api.ts'
import { chargeEndpoints } from './charge-endpoints.ts'
import { controlPrefix, handleControl } from './control.ts'
import { eventEndpoints } from './event-endpoints.ts'
import { createHttpServer } from './http-server.ts'
import { intentEndpoints } from './intent-endpoints.ts'
import { limits } from './limits.ts'
import { paymentMethodEndpoints } from './payment-method-endpoints.ts'
import { refundEndpoints } from './refund-endpoints.ts'
import { Router } from './router.ts'
import type { WebhookEndpointWish } from './webhooks.ts'
import { World } from './world.ts'

export interface StripeSimulatorOptions {
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string
  /** 0, which is the default, takes any free port. */
  readonly port?: number
  readonly webhooks?: readonly WebhookEndpointWish[]
  /** Path of the journal; without it nothing outlives the process. */
  readonly dataPath?: string
  /** A journal that is larger, and mostly dead, is rewritten at the start; 64 MiB by default. */
  readonly journalCompactBytes?: number
  readonly maxIntents?: number
  /** Of the faults that strike with a probability. */
  readonly seed?: number
  /** Told about faults of the simulator itself; silent by default. */
  readonly onError?: (error: unknown) => void
}

export interface StripeSimulator extends AsyncDisposable {
  /** Like `http://127.0.0.1:40123`. */
  readonly url: string
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** Rejects with the error of `listen` when the port is taken, or a JournalError. */
export async function startStripeSimulator(
  options: StripeSimulatorOptions = {},
): Promise<StripeSimulator> {
  const onError = options.onError ?? (() => {})
  const world = await World.open({
    dataPath: options.dataPath,
    journalCompactBytes: options.journalCompactBytes,
    maxIntents: options.maxIntents ?? limits.maxIntents,
    seed: options.seed ?? 1,
    onError,
  })
  const router = new Router([
    ...intentEndpoints(world.render),
    ...chargeEndpoints(world.render),
    ...refundEndpoints(world.render),
    ...eventEndpoints(world.render),
    ...paymentMethodEndpoints,
  ])
  const server = createHttpServer({
    handler: (request) =>
      request.path.startsWith(controlPrefix)
        ? handleControl(world, request)
        : handleApi({ world, router }, request),
    onError,
  })
  const host = options.host ?? '127.0.0.1'
  try {
    await listen(server, host, options.port ?? 0)
  } catch (error) {
    world.close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  world.render.baseUrl = url
  for (const wish of options.webhooks ?? []) world.webhooks.add(wish)
  const close = closer(server, world)
  return { url, host, port, close, [Symbol.asyncDispose]: close }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Hanging and idle connections are cut; a second call waits for the first. */
function closer(server: Server, world: World): () => Promise<void> {
  let closing: Promise<void> | undefined
  return async () => {
    closing ??= new Promise((resolve) => {
      server.close(() => {
        world.close()
        resolve()
      })
      server.closeAllConnections()
    })
    await closing
  }
}
