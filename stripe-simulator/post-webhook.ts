/**
 * One attempt to bring a payload to a webhook endpoint, over kept-alive connections. Resolves with
 * the status, or 0 when there was no answer in time; never rejects.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { limits } from './limits.ts'

export interface WebhookPost {
  readonly url: string
  readonly payload: string
  readonly signature: string
}

export class WebhookPoster {
  readonly #http = new HttpAgent({ keepAlive: true })
  readonly #https = new HttpsAgent({ keepAlive: true })

  async post({ url, payload, signature }: WebhookPost): Promise<number> {
    const secure = url.startsWith('https:')
    const options = {
      method: 'POST',
      agent: secure ? this.#https : this.#http,
      timeout: limits.webhookTimeoutMs,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(payload),
        'stripe-signature': signature,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
    }
    return await new Promise((resolve) => {
      const outgoing = secure ? httpsRequest(url, options) : httpRequest(url, options)
      let status = 0
      outgoing.on('response', (response) => {
        response.resume()
        response.on('end', () => {
          status = response.statusCode ?? 0
          resolve(status)
        })
      })
      outgoing.on('timeout', () => outgoing.destroy())
      outgoing.on('error', () => resolve(status))
      outgoing.on('close', () => resolve(status))
      outgoing.end(payload)
    })
  }

  /** Cuts what is under way. */
  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }
}
