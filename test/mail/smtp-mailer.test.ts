/** The mailer against a real SMTP server: what arrives, what is tried again, and what is never told. */
import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type MailSink, startMailSink } from '../../mail-sink/sink.ts'
import type { Letter } from '../../server/domain/mail.ts'
import { noMailer } from '../../server/gateways/no-mailer.ts'
import { SmtpMailer, type SmtpMailerOptions } from '../../server/gateways/smtp-mailer.ts'
import { type Clock, systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { eventually } from '../support/eventually.ts'

const secretCode = 'Q7ZK-41MP'
const letter = {
  template: 'verify-email',
  to: 'ann.secret@example.org',
  locale: 'en',
  values: { code: secretCode, minutes: 15 },
} as const satisfies Letter

/** Waits between attempts take no time; the longest of them was kept. */
function hurriedClock() {
  const waits: number[] = []
  const clock: Clock = {
    ...systemClock,
    wait: async (ms, signal) => {
      // The drain's limit is a real one.
      if (ms === limits.mailDrainMs) return systemClock.wait(ms, signal)
      waits.push(ms)
      await turn()
      signal?.throwIfAborted()
    },
  }
  return { clock, waits }
}

function openMailer(sink: Pick<MailSink, 'smtpUrl'>, options: Partial<SmtpMailerOptions> = {}) {
  const outcomes: string[] = []
  const lines: unknown[] = []
  const note = (facts: Record<string, unknown>, message: string) => lines.push({ facts, message })
  const mailer = new SmtpMailer({
    url: sink.smtpUrl,
    from: { name: 'Häuser & Bühnen', address: 'tickets@bühne.example' },
    clock: hurriedClock().clock,
    random: { fraction: () => 0.5, bytes: (count) => randomBytes(count) },
    log: { info: note, warn: note, error: note },
    onOutcome: (template, outcome) => outcomes.push(`${template} ${outcome}`),
    ...options,
  })
  const settled = (count: number) =>
    eventually(() => outcomes.filter((one) => !one.endsWith('again')).length >= count, {
      what: `${count} letters have an end: ${outcomes.join(', ')}`,
    })
  return { mailer, outcomes, lines, settled, logged: () => JSON.stringify(lines) }
}

describe('a letter', () => {
  it('arrives with everything that a mail needs, and no more', async () => {
    await using sink = await startMailSink()
    const { mailer, outcomes, settled } = openMailer(sink)
    await using _ = mailer
    mailer.send({ ...letter, locale: 'de-AT' })
    const mail = await sink.next({ to: letter.to, template: 'verify-email' })
    expect(mail).toMatchObject({
      from: 'tickets@bühne.example',
      to: [letter.to],
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
      code: secretCode,
      text: expect.stringContaining('bei Häuser & Bühnen mit dieser'),
      html: expect.stringContaining('Häuser &amp; Bühnen'),
    })
    const headers = new Map(mail.headers)
    expect(headers.get('auto-submitted')).toBe('auto-generated')
    expect(headers.get('content-language')).toBe('de')
    expect(headers.get('message-id')).toMatch(/^<[0-9a-f]{32}@xn--bhne-0ra\.example>$/)
    expect(headers.get('content-type')).toMatch(/^multipart\/alternative/)
    expect([...headers.keys()].filter((name) => /track|list-|x-mailer/.test(name))).toEqual([])
    await settled(1)
    expect(outcomes).toEqual(['verify-email sent'])
  })

  it.each(['jürgen@müller.example', '山田@例え.テスト', "o'hara+x@example.org"])(
    'reaches %s',
    async (to) => {
      await using sink = await startMailSink()
      const { mailer } = openMailer(sink)
      await using _ = mailer
      mailer.send({ ...letter, to })
      const [found = ''] = (await sink.next()).to
      const [local, domain = ''] = found.split('@')
      expect(`${local}@${new URL(`http://${domain}`).hostname}`).toBe(
        `${to.split('@')[0]}@${new URL(`http://${to.split('@')[1]}`).hostname}`,
      )
    },
  )

  it.each([
    'ann@example.org\r\nBcc: all@example.org',
    'ann@example.org, all@example.org',
    'Ann <ann@example.org>',
    'ann@example.org\u0000',
    '',
  ])('goes nowhere when its address is %j', async (to) => {
    await using sink = await startMailSink()
    const { mailer, outcomes, logged } = openMailer(sink)
    await using _ = mailer
    mailer.send({ ...letter, to })
    expect(outcomes).toEqual(['verify-email refused'])
    mailer.send(letter)
    await sink.next()
    expect(sink.mails()).toHaveLength(1)
    expect(logged()).not.toContain('all@')
  })

  it('has the headers that we gave it, whatever its values say', async () => {
    await using sink = await startMailSink()
    const { mailer } = openMailer(sink)
    await using _ = mailer
    mailer.send({
      template: 'invitation',
      to: letter.to,
      locale: 'en',
      values: {
        organisation: 'Stage\r\nBcc: all@example.org\r\n\r\n<script>1</script>',
        inviter: '=?utf-8?B?QmNjOiBh?=\nX-Evil: 1',
        role: 'door',
        code: secretCode,
        days: 7,
      },
    })
    const mail = await sink.next()
    expect(mail.to).toEqual([letter.to])
    const names = mail.headers.map(([name]) => name)
    expect(names).not.toContain('bcc')
    expect(names).not.toContain('x-evil')
    expect(mail.subject).toMatch(/^An invitation to Stage Bcc: all@/)
    expect(mail.html).not.toContain('<script')
    expect(mail.code).toBe(secretCode)
  })

  it('that lacks a value is not sent, and named', async () => {
    await using sink = await startMailSink()
    const { mailer, outcomes, logged } = openMailer(sink)
    await using _ = mailer
    mailer.send({ ...letter, values: { code: secretCode } } as unknown as Letter)
    expect(outcomes).toEqual(['verify-email refused'])
    expect(logged()).toContain('letter could not be written')
  })
})

describe('a mail server', () => {
  it.each(['refuse_later', 'hang_up'] as const)(
    'that says %s is asked again, with the same letter',
    async (kind) => {
      await using sink = await startMailSink()
      const { clock, waits } = hurriedClock()
      const { mailer, outcomes, settled } = openMailer(sink, { clock })
      await using _ = mailer
      sink.faults.add({ kind, times: 3 })
      mailer.send(letter)
      await settled(1)
      expect(outcomes).toEqual([...Array(3).fill('verify-email again'), 'verify-email sent'])
      expect(sink.mails()).toHaveLength(1)
      const { mailBackoffBaseMs: base } = limits
      expect(waits).toEqual([0.5 * base, base, 2 * base])
    },
  )

  it('that took a letter and did not say so gets it twice, under one id', async () => {
    await using sink = await startMailSink()
    const { mailer, settled } = openMailer(sink)
    await using _ = mailer
    sink.faults.add({ kind: 'hang_up_after', times: 1 })
    mailer.send(letter)
    await settled(1)
    const ids = sink.mails().map((mail) => new Map(mail.headers).get('message-id'))
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it('that refuses for good is asked once, and holds nobody else up', async () => {
    await using sink = await startMailSink()
    const { mailer, outcomes, settled } = openMailer(sink)
    await using _ = mailer
    sink.faults.add({ kind: 'refuse', to: letter.to })
    mailer.send(letter)
    mailer.send({ ...letter, to: 'bob@example.org' })
    await settled(2)
    expect(outcomes.toSorted()).toEqual(['verify-email refused', 'verify-email sent'])
    expect(sink.faults.list()[0]?.felt).toBe(1)
  })

  it('that never takes a letter is given up', async () => {
    await using sink = await startMailSink()
    const { mailer, outcomes, settled } = openMailer(sink)
    await using _ = mailer
    sink.faults.add({ kind: 'refuse_later' })
    mailer.send(letter)
    await settled(1)
    expect(outcomes.filter((one) => one.endsWith('again'))).toHaveLength(limits.mailAttemptsMax - 1)
    expect(outcomes.at(-1)).toBe('verify-email lost')
  })

  it('that is not there is waited for', async () => {
    const gone = await startMailSink()
    const port = Number(new URL(gone.smtpUrl).port)
    await gone.close()
    const { clock } = hurriedClock()
    const back: Promise<MailSink>[] = []
    const { mailer, outcomes, settled } = openMailer(gone, {
      clock: {
        ...clock,
        wait: async (ms, signal) => {
          if (back.length === 0) back.push(startMailSink({ smtpPort: port }))
          await Promise.all(back)
          await clock.wait(ms, signal)
        },
      },
    })
    mailer.send(letter)
    await settled(1)
    expect(outcomes).toEqual(['verify-email again', 'verify-email sent'])
    await mailer.stop()
    for (const sink of back) await (await sink).close()
  })
})

describe('the queue', () => {
  it('has an end, and what finds no room is counted and told in one line', async () => {
    await using sink = await startMailSink()
    const { mailer, outcomes, lines, settled } = openMailer(sink)
    await using _ = mailer
    const extra = 50
    for (let count = 0; count < limits.mailQueueMax + extra; count += 1) mailer.send(letter)
    expect(outcomes).toEqual(Array(extra).fill('verify-email lost'))
    expect(lines).toEqual([{ facts: { letters: 1 }, message: 'letters were lost' }])
    await settled(limits.mailQueueMax + extra)
    expect(outcomes.filter((one) => one.endsWith('sent'))).toHaveLength(limits.mailQueueMax)
  })

  it('waits without a warning, however many letters wait', async () => {
    await using sink = await startMailSink()
    const warnings: string[] = []
    const note = ({ message }: Error) => warnings.push(message)
    process.on('warning', note)
    const { mailer, outcomes } = openMailer(sink, { clock: systemClock })
    sink.faults.add({ kind: 'refuse_later', times: 30 })
    for (let count = 0; count < 30; count += 1) mailer.send(letter)
    await eventually(() => outcomes.length >= 30, { what: 'all wait for another attempt' })
    await mailer.stop()
    process.off('warning', note)
    expect(warnings).toEqual([])
    expect(sink.mails()).toHaveLength(30)
  })

  it('goes out at a stop, and what waited for another attempt gets it at once', async () => {
    await using sink = await startMailSink()
    // A clock whose waits end only with the stop.
    const { mailer, outcomes } = openMailer(sink, { clock: systemClock })
    sink.faults.add({ kind: 'refuse_later', times: 1, to: letter.to })
    mailer.send(letter)
    await eventually(() => outcomes.length === 1, { what: 'the first attempt was refused' })
    for (let count = 0; count < 20; count += 1) mailer.send({ ...letter, to: 'bob@example.org' })
    await mailer.stop()
    expect(sink.mails()).toHaveLength(21)
    mailer.send(letter)
    expect(outcomes.at(-1)).toBe('verify-email lost')
  })

  it('is given up at a stop when the server hangs', async () => {
    await using sink = await startMailSink()
    const { clock } = hurriedClock()
    const drained = { ...clock, wait: () => Promise.resolve() }
    const { mailer, outcomes } = openMailer(sink, { clock: drained })
    sink.faults.add({ kind: 'slow', delayMs: 60_000 })
    mailer.send(letter)
    await eventually(() => (sink.faults.list()[0]?.felt ?? 0) > 0, { what: 'the letter hangs' })
    await mailer.stop()
    expect(outcomes).toEqual(['verify-email lost'])
  })
})

describe('no log', () => {
  it('holds an address, a subject, a text or a code, however it goes', async () => {
    await using sink = await startMailSink()
    const { mailer, logged, settled } = openMailer(sink)
    await using _ = mailer
    sink.faults.add({ kind: 'refuse_later', times: 2 })
    sink.faults.add({ kind: 'hang_up', times: 1 })
    sink.faults.add({ kind: 'refuse' })
    mailer.send(letter)
    mailer.send({ ...letter, to: 'someone.secret@nowhere@example.org' })
    await settled(2)
    expect(logged()).toContain('a letter was refused')
    expect(logged()).not.toMatch(/secret|Q7ZK|Confirm your|signed up|nowhere/)
  })
})

describe('without a mail server', () => {
  it('letters are counted, and the log says so once', () => {
    const lines: string[] = []
    const outcomes: string[] = []
    const note = (_: unknown, message: string) => lines.push(message)
    const mailer = noMailer({
      log: { info: note, warn: note, error: note },
      onOutcome: (template, outcome) => outcomes.push(`${template} ${outcome}`),
    })
    mailer.send(letter)
    mailer.send(letter)
    expect(mailer.isConfigured).toBe(false)
    expect(lines).toEqual(['no mail is configured: no letter goes out'])
    expect(outcomes).toEqual(Array(2).fill('verify-email lost'))
  })
})
