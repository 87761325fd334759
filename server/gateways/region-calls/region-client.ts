/**
 * Asks servers of other regions over HTTP, one signed call a request, on connections that stay
 * open. A region's addresses are tried in turn while they cannot be reached; whatever answers, ends
 * it. Answers are bounded: a region of ours may be somebody else's by now.
 */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { z } from 'zod'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import { type RefusalCode, refusals } from '../../domain/refusal.ts'
import { type RegionCall, RegionCallError } from '../../domain/region-caller.ts'
import type { TopologyRegion } from '../../platform/topology.ts'
import type { RegionCallSigner } from './region-call-signer.ts'

const answerShape = z.union([
  z.object({ result: z.object({ data: z.unknown() }) }),
  z.object({ error: z.object({ data: z.object({ refusal: z.unknown() }) }) }),
])
const refusedShape = z.object({ code: z.string() })

type Region = Pick<TopologyRegion, 'name' | 'internalUrls'>

export class RegionClient {
  readonly #signer: RegionCallSigner
  readonly #addresses: ReadonlyMap<string, readonly string[]>
  /** Which address of a region answered last. */
  readonly #good = new Map<string, number>()
  readonly #agents = {
    'http:': new PlainAgent({ keepAlive: true, maxSockets: holdBookLimits.regionSocketsMax }),
    'https:': new SecureAgent({ keepAlive: true, maxSockets: holdBookLimits.regionSocketsMax }),
  }

  constructor(parts: { readonly signer: RegionCallSigner; readonly regions: readonly Region[] }) {
    this.#signer = parts.signer
    this.#addresses = new Map(parts.regions.map(({ name, internalUrls }) => [name, internalUrls]))
  }

  /** @throws RegionCallError */
  async call(asked: RegionCall): Promise<unknown> {
    const { region, timeoutMs, signal } = asked
    const addresses = this.#addresses.get(region) ?? []
    const timeout = AbortSignal.timeout(timeoutMs)
    const until = signal === undefined ? timeout : AbortSignal.any([timeout, signal])
    const first = this.#good.get(region) ?? 0
    let cause: unknown = new Error(`${region} has no address`)
    for (let turn = 0; turn < addresses.length && !until.aborted; turn += 1) {
      const at = (first + turn) % addresses.length
      const answer = await this.#ask(asked, { address: addresses[at] ?? '', until }).catch(
        (failure: unknown) => {
          cause = failure
          return null
        },
      )
      if (answer === null) continue
      this.#good.set(region, at)
      return dataOf(answer, asked)
    }
    throw new RegionCallError(`${region} did not answer ${asked.procedure}`, { cause })
  }

  close(): void {
    this.#agents['http:'].destroy()
    this.#agents['https:'].destroy()
  }

  async #ask(
    { region, procedure, input, kind = 'query' }: RegionCall,
    { address, until }: { readonly address: string; readonly until: AbortSignal },
  ): Promise<string> {
    const text = JSON.stringify(input)
    const isQuery = kind === 'query'
    const path = `/trpc/${procedure}${isQuery ? `?input=${encodeURIComponent(text)}` : ''}`
    const method = isQuery ? 'GET' : 'POST'
    const body = isQuery ? '' : text
    const signed = await this.#signer.headersFor({ target: region, method, url: path, body })
    const headers = isQuery ? signed : { ...signed, 'content-type': 'application/json' }
    const url = new URL(path, address)
    const isSecure = url.protocol === 'https:'
    const send = isSecure ? secureRequest : plainRequest
    const agent = this.#agents[isSecure ? 'https:' : 'http:']
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      send(url, { agent, method, headers, signal: until }, resolve).on('error', reject).end(body)
    })
    return textOf(response)
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > holdBookLimits.regionAnswerBytesMax) {
      response.destroy()
      throw new RangeError('an answer between regions is too long')
    }
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function dataOf(text: string, { region, procedure }: RegionCall): unknown {
  const answer = answerShape.safeParse(parsed(text))
  if (!answer.success) throw new RegionCallError(`${region} answered ${procedure} with nonsense`)
  if ('result' in answer.data) return answer.data.result.data
  const refused = refusedShape.safeParse(answer.data.error.data.refusal)
  const code = refused.data?.code
  const isKnown = code !== undefined && Object.hasOwn(refusals, code)
  const message = `${region} refused ${procedure}`
  throw new RegionCallError(message, isKnown ? { code: code as RefusalCode } : {})
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
