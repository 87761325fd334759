/**
 * The mail sink as one object: started, it takes mails and shows them; closed, nothing of it is
 * left but its file. It shares no code with the server whose mails it takes.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { FaultBook } from './fault-book.ts'
import { httpSide } from './http-side.ts'
import { limits } from './limits.ts'
import type { Mail } from './mail.ts'
import { MailFile } from './mail-file.ts'
import { Mailbox, type MailQuery } from './mailbox.ts'
import { smtpSide } from './smtp-side.ts'

export type MailSinkOptions = {
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string
  /** Where mails are read; 0, the default, takes any free port. */
  readonly port?: number
  /** Where mails come in; likewise. */
  readonly smtpPort?: number
  /** A folder for the mails, and for the address of the page while it runs. */
  readonly dataFolder?: string
  readonly mailsMax?: number
  /** Told about faults of the sink itself; silent by default. */
  readonly onError?: (error: unknown) => void
}

export type MailSink = AsyncDisposable & {
  /** Of the page, like `http://127.0.0.1:40123`. */
  readonly url: string
  /** Like `smtp://127.0.0.1:40124`. */
  readonly smtpUrl: string
  /** Newest first. */
  readonly mails: (query?: MailQuery) => readonly Mail[]
  /**
   * Waits for the oldest matching mail that `next` has not given before.
   * @throws Error when none comes in time
   */
  readonly next: (query?: MailQuery & { readonly timeoutMs?: number }) => Promise<Mail>
  readonly faults: FaultBook
  readonly close: () => Promise<void>
}

/** In the data folder: the address of the page, while it runs. */
export const addressFileName = 'address'

/** Rejects with the error of `listen` when a port is taken, or a MailFileError. */
export async function startMailSink(options: MailSinkOptions = {}): Promise<MailSink> {
  const { host = '127.0.0.1', dataFolder = null, mailsMax = limits.mailsMax } = options
  const onError = options.onError ?? (() => undefined)
  if (dataFolder !== null) mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const file = dataFolder === null ? null : new MailFile(join(dataFolder, 'mails.jsonl'))
  const mailbox = new Mailbox({ mailsMax, file })
  const faults = new FaultBook()
  const http = httpSide({ mailbox, faults, host, onError })
  const smtp = smtpSide({ mailbox, faults, onError })
  await listening(http, () => http.listen(options.port ?? 0, host))
  try {
    await listening(smtp.server, () => smtp.listen(options.smtpPort ?? 0, host))
  } catch (error) {
    http.close()
    throw error
  }
  const shownHost = host.includes(':') ? `[${host}]` : host
  const url = `http://${shownHost}:${portOf(http)}`
  const addressFile = dataFolder === null ? null : join(dataFolder, addressFileName)
  if (addressFile !== null) writeFileSync(addressFile, `${url}\n`)
  const close = once(async () => {
    if (addressFile !== null) rmSync(addressFile, { force: true })
    http.closeAllConnections()
    await Promise.all([
      new Promise((resolve) => http.close(resolve)),
      new Promise<void>((resolve) => smtp.close(() => resolve())),
    ])
  })
  return {
    url,
    smtpUrl: `smtp://${shownHost}:${portOf(smtp.server)}`,
    mails: (query) => mailbox.list(query),
    next: reader(mailbox),
    faults,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function reader(mailbox: Mailbox): MailSink['next'] {
  const given = new Set<string>()
  return async ({ timeoutMs = limits.waitMs, ...query } = {}) => {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const mail = mailbox.list(query).findLast(({ id }) => !given.has(id))
      if (mail !== undefined) {
        given.add(mail.id)
        return mail
      }
      if (performance.now() > deadline) {
        throw new Error(`Within ${timeoutMs} ms no such mail came: ${JSON.stringify(query)}`)
      }
      await pause(limits.pollMs)
    }
  }
}

async function listening(server: Server, listen: () => unknown): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

function once(work: () => Promise<unknown>): () => Promise<void> {
  let done: Promise<unknown> | undefined
  return async () => {
    done ??= work()
    await done
  }
}
