/**
 * Where mails are read: a page for a person, JSON for a program. Only who names this machine is
 * answered, so that a web page of a stranger cannot read a developer's mails by a renamed address.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { type FaultBook, faultSchema } from './fault-book.ts'
import { limits } from './limits.ts'
import type { Mailbox } from './mailbox.ts'
import { listPage, mailHtmlPolicy, mailPage, pagePolicy, style } from './page.ts'

export type HttpSideOptions = {
  readonly mailbox: Mailbox
  readonly faults: FaultBook
  /** The address it listens on. */
  readonly host: string
  readonly onError: (error: unknown) => void
}

type Asked = {
  readonly method: string
  readonly url: URL
  readonly id: string
  readonly body: string
}
type Answer = { readonly status: number; readonly type?: string; readonly body: string } & {
  readonly headers?: Readonly<Record<string, string>>
}
type Route = (side: HttpSideOptions, asked: Asked) => Answer

const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})
const html = (body: string, policy = pagePolicy): Answer => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  body,
  headers: { 'content-security-policy': policy },
})
const unknown = json(404, { error: 'There is nothing here.' })

const querySchema = z.object({
  to: z.string().optional(),
  template: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(limits.mailsMax).default(limits.listedMax),
})

const routes: Readonly<Record<string, Route>> = {
  'GET /': ({ mailbox }) => html(listPage(mailbox.list())),
  'GET /style.css': () => ({ status: 200, type: 'text/css', body: style }),
  'GET /mails/:id': ({ mailbox }, { id }) => {
    const mail = mailbox.find(id)
    return mail === undefined ? unknown : html(mailPage(mail))
  },
  'GET /mails/:id/html': ({ mailbox }, { id }) => {
    const body = mailbox.find(id)?.html ?? null
    return body === null ? unknown : html(body, mailHtmlPolicy)
  },
  'POST /delete': ({ mailbox }) => {
    mailbox.deleteAll()
    return { status: 303, body: '', headers: { location: '/' } }
  },
  'GET /api/mails': ({ mailbox }, { url }) => {
    const { limit, ...query } = querySchema.parse(Object.fromEntries(url.searchParams))
    return json(200, { mails: mailbox.list(query).slice(0, limit) })
  },
  'GET /api/mails/latest': ({ mailbox }, { url }) => {
    const query = querySchema.parse(Object.fromEntries(url.searchParams))
    const [mail] = mailbox.list(query)
    return mail === undefined ? json(404, { error: 'There is no such mail yet.' }) : json(200, mail)
  },
  'DELETE /api/mails': ({ mailbox }) => {
    mailbox.deleteAll()
    return json(200, { deleted: true })
  },
  'GET /api/faults': ({ faults }) => json(200, { rules: faults.list() }),
  'POST /api/faults': ({ faults }, { body }) => {
    const wish = faultSchema.parse(wishIn(body))
    return faults.add(wish)
      ? json(200, { rules: faults.list() })
      : json(409, { error: 'There are too many fault rules.' })
  },
  'DELETE /api/faults': ({ faults }) => {
    faults.removeAll()
    return json(200, { removed: true })
  },
}

export function httpSide(side: HttpSideOptions): Server {
  const server = createServer((incoming, outgoing) => {
    respond(side, incoming, outgoing).catch((error: unknown) => {
      side.onError(error)
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    })
  })
  server.keepAliveTimeout = limits.keepAliveMs
  return server
}

async function respond(side: HttpSideOptions, incoming: IncomingMessage, outgoing: ServerResponse) {
  const body = await bodyOf(incoming)
  const { status, type, body: text, headers } = answerTo(side, incoming, body)
  outgoing.writeHead(status, {
    ...(type === undefined ? {} : { 'content-type': type }),
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...headers,
  })
  outgoing.end(text)
}

function answerTo(side: HttpSideOptions, incoming: IncomingMessage, body: string | null): Answer {
  const { method = 'GET', headers } = incoming
  const base = `http://${headers.host ?? ''}`
  if (body === null) return json(413, { error: 'The body is too large.' })
  if (!URL.canParse(incoming.url ?? '/', base)) return json(400, { error: 'This is no address.' })
  const url = new URL(incoming.url ?? '/', base)
  if (!isOurName(url.hostname, side.host) || headers['sec-fetch-site'] === 'cross-site') {
    return json(403, { error: 'Only pages of this sink may ask.' })
  }
  const [, id = ''] = /^\/mails\/(mail_\d+)(?:\/|$)/.exec(url.pathname) ?? []
  const path = id === '' ? url.pathname : url.pathname.replace(id, ':id')
  const route = routes[`${method} ${path}`]
  try {
    return route?.(side, { method, url, id, body }) ?? unknown
  } catch (error) {
    if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) })
    throw error
  }
}

function isOurName(name: string, host: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]', host].includes(name)
}

/** JSON, or a form, so that plain `curl -d` works. */
function wishIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return Object.fromEntries(new URLSearchParams(body))
  }
}

/** Null when it is too large. */
async function bodyOf(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    const buffer = chunk as Buffer
    bytes += buffer.length
    if (bytes > limits.requestBodyBytes) return null
    chunks.push(buffer)
  }
  return Buffer.concat(chunks).toString()
}
