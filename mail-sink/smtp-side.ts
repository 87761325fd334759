/**
 * Where mails come in: a real SMTP server that takes everything, from everyone, for everyone, unless
 * a fault strikes. It has no TLS, and any account is good: it belongs on the loopback interface.
 */
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import type { FaultBook, FaultWish } from './fault-book.ts'
import { limits } from './limits.ts'
import type { Mailbox } from './mailbox.ts'

export type SmtpSideOptions = {
  readonly mailbox: Mailbox
  readonly faults: FaultBook
  readonly onError: (error: unknown) => void
}

class Refusal extends Error {
  readonly responseCode: number
  constructor(responseCode: number, message: string) {
    super(message)
    this.responseCode = responseCode
  }
}

const defaultSlowMs = 1_000
/** What only this connection's socket has, so that a fault can cut it. */
type Sockets = Map<number, Socket>

export function smtpSide({ mailbox, faults, onError }: SmtpSideOptions): SMTPServer {
  const sockets: Sockets = new Map()
  const server = new SMTPServer({
    name: 'mail-sink',
    banner: 'takes everything and sends nothing',
    size: limits.mailBytesMax,
    maxClients: limits.clientsMax,
    socketTimeout: limits.socketTimeoutMs,
    closeTimeout: limits.closeTimeoutMs,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: (_account, _session, done) => done(null, { user: 'anyone' }),
    onData: (stream, session, done) => {
      const { mailFrom, rcptTo } = session.envelope
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => {
        if (!stream.sizeExceeded) chunks.push(chunk)
      })
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(new Refusal(552, 'This mail is too large.'))
        const to = rcptTo.map(({ address }) => address)
        const from = mailFrom ? mailFrom.address : ''
        const take = () => mailbox.add({ at: new Date(), from, to, raw: Buffer.concat(chunks) })
        const cut = () => sockets.get(session.remotePort)?.resetAndDestroy()
        meet(faults.draw(to), { take, cut }).then(
          () => done(null, 'It is kept.'),
          (error: unknown) => {
            if (!(error instanceof Refusal)) onError(error)
            done(error instanceof Error ? error : new Error('The mail could not be kept.'))
          },
        )
      })
    },
  })
  // Whoever breaks off is no fault of ours.
  server.on('error', () => undefined)
  server.server.on('connection', (socket) => remember(sockets, socket))
  return server
}

function remember(sockets: Sockets, socket: Socket): void {
  const { remotePort } = socket
  if (remotePort === undefined) return
  sockets.set(remotePort, socket)
  socket.once('close', () => sockets.delete(remotePort))
}

type Steps = { readonly take: () => Promise<unknown>; readonly cut: () => void }

async function meet(fault: FaultWish | undefined, { take, cut }: Steps): Promise<void> {
  if (fault?.kind === 'refuse_later') {
    throw new Refusal(fault.reply ?? 451, 'Come back later: a fault was asked for.')
  }
  if (fault?.kind === 'refuse') {
    throw new Refusal(fault.reply ?? 550, 'Never: a fault was asked for.')
  }
  if (fault?.kind === 'hang_up') return cut()
  if (fault?.kind === 'slow') {
    await pause(fault.delayMs ?? defaultSlowMs, undefined, { ref: false })
  }
  await take()
  if (fault?.kind === 'hang_up_after') cut()
}
