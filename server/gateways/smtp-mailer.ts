/**
 * Letters by SMTP, through nodemailer. Whoever sends one never waits: it stands in a bounded queue
 * in memory and is tried until it is taken, refused for good, or too old. What is lost when the
 * process is killed is asked for again by its reader. Addresses, subjects, texts and codes never
 * reach a log: neither do the library's errors, which quote them.
 */
import { setMaxListeners } from 'node:events'
import { domainToASCII } from 'node:url'
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer'
import pLimit from 'p-limit'
import type { Letter, LetterOutcome, Mailer, TemplateName } from '../domain/mail.ts'
import { isMailAddress, type Sender } from '../domain/mail-address.ts'
import { backoffMs } from '../platform/backoff.ts'
import type { Clock } from '../platform/clock.ts'
import { limits } from '../platform/limits.ts'
import type { Random } from '../platform/random.ts'
import { renderLetter } from './mail-templates/render-letter.ts'
import { smtpFailure } from './smtp-failure.ts'
import { smtpOptions } from './smtp-options.ts'

export type SmtpMailerOptions = {
  /** smtp: or smtps:, a host, perhaps a port and an account. */
  readonly url: string
  readonly from: Sender
  readonly clock: Clock
  readonly random: Random
  readonly log: MailLog
  /** Hears of every attempt that failed and of every letter's end. */
  readonly onOutcome: (template: TemplateName, outcome: LetterOutcome) => void
}

export type MailLog = {
  readonly info: (facts: Record<string, unknown>, message: string) => void
  readonly warn: (facts: Record<string, unknown>, message: string) => void
  readonly error: (facts: Record<string, unknown>, message: string) => void
}

const backoffBounds = { baseMs: limits.mailBackoffBaseMs, maxMs: limits.mailBackoffMaxMs }

export class SmtpMailer implements Mailer, AsyncDisposable {
  readonly isConfigured = true
  readonly #options: SmtpMailerOptions
  readonly #transport: Transporter
  readonly #inTurn = pLimit(limits.mailParallelMax)
  readonly #inHand = new Set<Promise<void>>()
  /** Ends the waits between attempts: what is in hand gets its last one at once. */
  readonly #stopping = new AbortController()
  /** Ends the attempts too. */
  readonly #givingUp = new AbortController()
  #lostUntold = 0
  #toldLostAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SmtpMailerOptions) {
    this.#options = options
    // Every letter that waits listens; Node takes eleven for a leak.
    setMaxListeners(limits.mailQueueMax, this.#stopping.signal, this.#givingUp.signal)
    this.#transport = createTransport(smtpOptions(options.url))
  }

  send(letter: Letter): void {
    if (this.#stopping.signal.aborted || this.#inHand.size >= limits.mailQueueMax) {
      this.#lose(letter)
      return
    }
    const message = this.#compose(letter)
    if (message === null) return
    const delivery = this.#deliver(letter.template, message).then((outcome) => {
      this.#inHand.delete(delivery)
      if (outcome === 'lost') this.#lose(letter)
      else this.#options.onOutcome(letter.template, outcome)
    })
    this.#inHand.add(delivery)
  }

  /** Takes no more; what is in hand is tried once more at once, and lost after limits.mailDrainMs. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const { clock } = this.#options
    const done = new AbortController()
    const late = clock.wait(limits.mailDrainMs, done.signal).catch(() => undefined)
    await Promise.race([Promise.all(this.#inHand), late])
    this.#givingUp.abort()
    await Promise.all(this.#inHand)
    done.abort()
    this.#transport.close()
    this.#tellLost()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Null, counted and told, when there is nothing that could be sent. */
  #compose(letter: Letter): SendMailOptions | null {
    const { from, log, onOutcome, random } = this.#options
    const { template, to } = letter
    try {
      if (!isMailAddress(to)) throw new Error('the address of a letter is none')
      const { locale, subject, text, html } = renderLetter(letter, from.name || domainOf(from))
      return {
        from,
        // An object is one address, whatever stands in it.
        to: { name: '', address: to },
        subject,
        text,
        html,
        // The same at every attempt, so that one which was taken twice can be known by it.
        messageId: `<${Buffer.from(random.bytes(16)).toString('hex')}@${domainOf(from)}>`,
        headers: {
          'Auto-Submitted': 'auto-generated',
          'Content-Language': locale,
          'X-Frontrow-Template': template,
        },
        disableFileAccess: true,
        disableUrlAccess: true,
      }
    } catch (err) {
      log.error({ template, err }, 'a letter could not be written')
      onOutcome(template, 'refused')
      return null
    }
  }

  async #deliver(template: TemplateName, message: SendMailOptions) {
    const { clock, random, log, onOutcome } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      const isLast = this.#stopping.signal.aborted || attempt >= limits.mailAttemptsMax
      const failure = await this.#inTurn(() => this.#attempt(message))
      if (failure === null) return 'sent'
      const facts = { template, attempt, ...failure }
      if (!failure.isTransient) {
        log.warn(facts, 'a letter was refused')
        return 'refused'
      }
      if (isLast || this.#givingUp.signal.aborted) {
        log.warn(facts, 'a letter was not taken, and is given up')
        return 'lost'
      }
      onOutcome(template, 'again')
      log.info(facts, 'a letter was not taken, and will be tried again')
      const waitMs = backoffMs(attempt - 1, backoffBounds, random)
      await clock.wait(waitMs, this.#stopping.signal).catch(() => undefined)
    }
  }

  async #attempt(message: SendMailOptions) {
    const attempt = new AbortController()
    const end = () => attempt.abort()
    // The library watches silence; this also ends a server that trickles.
    const timer = setTimeout(end, limits.mailAttemptTimeoutMs)
    const givingUp = this.#givingUp.signal
    givingUp.addEventListener('abort', end)
    if (givingUp.aborted) end()
    try {
      await this.#transport.sendMail({ ...message, signal: attempt.signal })
      return null
    } catch (cause) {
      return smtpFailure(cause)
    } finally {
      clearTimeout(timer)
      givingUp.removeEventListener('abort', end)
    }
  }

  /** A flood of losses is one line a minute. */
  #lose({ template }: Letter): void {
    this.#options.onOutcome(template, 'lost')
    this.#lostUntold += 1
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#toldLostAtMs < limits.mailComplaintMs) return
    this.#toldLostAtMs = nowMs
    this.#tellLost()
  }

  #tellLost(): void {
    if (this.#lostUntold === 0) return
    this.#options.log.warn({ letters: this.#lostUntold }, 'letters were lost')
    this.#lostUntold = 0
  }
}

function domainOf({ address }: Sender): string {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return domainToASCII(domain) || domain
}
