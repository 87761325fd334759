/**
 * A collector: a small HTTP server that takes traces by OTLP and keeps what it was sent, as spans
 * and as raw bytes. Field numbers: opentelemetry/proto/trace/v1/trace.proto.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { numberOf, partOf, partsOf } from './protobuf.ts'

export type ReceivedSpan = {
  readonly traceId: string
  readonly spanId: string
  /** '' for the root. */
  readonly parent: string
  readonly name: string
  readonly kind: number
  readonly attributes: Readonly<Record<string, string | number>>
  /** Trace ids of the spans that it links to. */
  readonly links: readonly string[]
  readonly failed: boolean
  readonly resource: Readonly<Record<string, string | number>>
}

export type Receiver = AsyncDisposable & {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** All that came, headers and bodies, for whoever searches it for what must not be there. */
  readonly raw: () => string
}

/** @param status what it answers to each export */
export async function startReceiver(status = 200): Promise<Receiver> {
  const spans: ReceivedSpan[] = []
  const parts: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      parts.push(JSON.stringify(request.headers), body.toString('latin1'))
      if (status === 200) spans.push(...spansIn(body))
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    raw: () => parts.join('\n'),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function spansIn(body: Buffer): ReceivedSpan[] {
  return partsOf(body, 1).flatMap((ofResource) => {
    const resource = attributesOf(partOf(ofResource, 1), 1)
    const scopes = partsOf(ofResource, 2)
    return scopes.flatMap((scope) => partsOf(scope, 2).map((span) => spanFrom(span, resource)))
  })
}

function spanFrom(span: Buffer, resource: ReceivedSpan['resource']): ReceivedSpan {
  const hex = (number: number) => partOf(span, number).toString('hex')
  return {
    traceId: hex(1),
    spanId: hex(2),
    parent: hex(4),
    name: partOf(span, 5).toString(),
    kind: Number(numberOf(span, 6)),
    attributes: attributesOf(span, 9),
    links: partsOf(span, 13).map((link) => partOf(link, 1).toString('hex')),
    failed: numberOf(partOf(span, 15), 3) === 2n,
    resource,
  }
}

function attributesOf(message: Buffer, number: number): Record<string, string | number> {
  const pairs = partsOf(message, number).map((pair) => {
    const value = partOf(pair, 2)
    const text = partOf(value, 1).toString()
    return [partOf(pair, 1).toString(), text === '' ? Number(numberOf(value, 3)) : text] as const
  })
  return Object.fromEntries(pairs)
}
