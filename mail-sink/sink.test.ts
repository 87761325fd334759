import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limits } from './limits.ts'
import type { Mail } from './mail.ts'
import { type MailSink, startMailSink } from './sink.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mail-sink-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const hello = { from: 'us@example.org', to: 'ann@example.org', subject: 'Hello', text: 'Hi Ann' }

async function post({ smtpUrl }: Pick<MailSink, 'smtpUrl'>, mail: SendMailOptions = {}) {
  const transport = createTransport(smtpUrl)
  try {
    await transport.sendMail({ ...hello, ...mail })
  } finally {
    transport.close()
  }
}

async function getJson<Body>(url: string, init?: RequestInit): Promise<Body> {
  return (await (await fetch(url, init)).json()) as Body
}

describe('the mail sink', () => {
  it('takes a mail with any account, and gives it decoded', async () => {
    await using sink = await startMailSink()
    const smtpUrl = sink.smtpUrl.replace('//', '//somebody:secret@')
    await post(
      { smtpUrl },
      {
        to: ['Änn <ann@example.org>', 'bob@example.org'],
        subject: 'Grüße 🎭',
        text: 'Ihr Code:\n\n    AB-12\n\nBis bald',
        html: '<p>Ihr Code: <b>AB-12</b></p>',
        headers: { 'X-Frontrow-Template': 'verify-email' },
      },
    )
    expect(await sink.next({ to: 'ANN@example.org' })).toMatchObject({
      from: 'us@example.org',
      to: ['ann@example.org', 'bob@example.org'],
      subject: 'Grüße 🎭',
      text: expect.stringContaining('Bis bald'),
      html: '<p>Ihr Code: <b>AB-12</b></p>',
      template: 'verify-email',
      code: 'AB-12',
    })
  })

  it('waits for the next mail of a reader, each once', async () => {
    await using sink = await startMailSink()
    const waiting = sink.next({ to: 'bob@example.org' })
    await post(sink)
    await post(sink, { to: 'bob@example.org', subject: 'one' })
    await post(sink, { to: 'bob@example.org', subject: 'two' })
    expect((await waiting).subject).toBe('one')
    expect((await sink.next({ to: 'bob@example.org' })).subject).toBe('two')
    const none = sink.next({ to: 'bob@example.org', timeoutMs: 0 })
    await expect(none).rejects.toThrow('no such mail came: {"to":"bob@example.org"}')
  })

  it('keeps the newest, also over a restart and a torn line, and forgets when told', async () => {
    const options = { dataFolder: folder, mailsMax: 3 }
    const first = await startMailSink(options)
    for (const subject of ['1', '2', '3', '4']) await post(first, { subject })
    await first.close()
    appendFileSync(join(folder, 'mails.jsonl'), '{"id":"mail_9","subj')
    const second = await startMailSink(options)
    const subjects = (sink: MailSink) => sink.mails().map(({ subject }) => subject)
    expect(subjects(second)).toEqual(['4', '3', '2'])
    for (let count = 0; count < 30; count += 1) await post(second, { subject: `more ${count}` })
    const lines = readFileSync(join(folder, 'mails.jsonl'), 'utf8').trim().split('\n')
    expect(lines.length).toBeLessThanOrEqual(3 * limits.fileOverheadMax)
    expect(new Set(second.mails().map(({ id }) => id)).size).toBe(3)
    await fetch(`${second.url}/api/mails`, { method: 'DELETE' })
    await second.close()
    await using third = await startMailSink(options)
    expect(subjects(third)).toEqual([])
  })

  it('answers programs: all, some, the latest, none yet', async () => {
    await using sink = await startMailSink()
    const latest = `${sink.url}/api/mails/latest?to=ann@example.org`
    expect((await fetch(latest)).status).toBe(404)
    await post(sink, { subject: 'one', headers: { 'X-Frontrow-Template': 'a' } })
    await post(sink, { subject: 'two', headers: { 'X-Frontrow-Template': 'b' } })
    await post(sink, { subject: 'three', to: 'bob@example.org' })
    expect((await getJson<Mail>(latest)).subject).toBe('two')
    expect((await getJson<Mail>(`${latest}&template=a`)).subject).toBe('one')
    const all = await getJson<{ mails: Mail[] }>(`${sink.url}/api/mails?limit=2`)
    expect(all.mails.map(({ subject }) => subject)).toEqual(['three', 'two'])
    expect((await fetch(`${sink.url}/api/mails?limit=many`)).status).toBe(400)
    expect((await fetch(`${sink.url}/nothing`)).status).toBe(404)
  })

  it('refuses what is too large, and goes on', async () => {
    await using sink = await startMailSink()
    const text = 'x'.repeat(limits.mailBytesMax + 1)
    await expect(post(sink, { text })).rejects.toThrow('552 This mail is too large')
    await post(sink)
    expect(sink.mails()).toHaveLength(1)
  })
})

describe('the page', () => {
  const nasty = {
    subject: '<script>alert(1)</script>',
    text: '</pre><script>alert(2)</script>',
    html: '<script>alert(3)</script><p>Hello</p>',
    headers: { 'X-Frontrow-Template': '"><script>alert(4)</script>' },
  }

  it('shows mails as text, and their HTML in a frame that can do nothing', async () => {
    await using sink = await startMailSink()
    await post(sink, nasty)
    const [mail] = sink.mails()
    const list = await fetch(sink.url)
    const one = await fetch(`${sink.url}/mails/${mail?.id}`)
    for (const answer of [list, one]) {
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style/)
      const text = await answer.text()
      expect(text).toContain('&#60;script&#62;alert(1)')
      expect(text).not.toContain('<script')
      expect(text).not.toMatch(/https?:\/\//)
    }
    const frame = await fetch(`${sink.url}/mails/${mail?.id}/html`)
    expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
    expect(frame.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await frame.text()).toContain('<p>Hello</p>')
  })

  it('answers nobody who calls this machine by another name, or from a page of others', async () => {
    await using sink = await startMailSink()
    const { port } = new URL(sink.url)
    const statusFor = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const asked = request({ port, path: '/api/mails', headers }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
        asked.end()
      })
    expect(await statusFor({ host: `localhost:${port}` })).toBe(200)
    expect(await statusFor({ host: 'evil.example' })).toBe(403)
    expect(await statusFor({ 'sec-fetch-site': 'cross-site' })).toBe(403)
  })

  it('deletes all when asked to', async () => {
    await using sink = await startMailSink()
    await post(sink)
    const answer = await fetch(`${sink.url}/delete`, { method: 'POST' })
    expect(await answer.text()).toContain('No mail yet')
    expect(sink.mails()).toEqual([])
  })
})

describe('a fault', () => {
  const add = (sink: MailSink, wish: string) =>
    fetch(`${sink.url}/api/faults`, { method: 'POST', body: wish })

  it.each([
    ['kind=refuse_later&times=1', /451/],
    ['kind=refuse_later&times=1&reply=421', /421/],
    ['kind=refuse&times=1&to=ann@example.org', /550/],
    ['{"kind":"hang_up","times":1}', /closed|reset/i],
  ])('%s is felt once', async (wish, message) => {
    await using sink = await startMailSink()
    await add(sink, wish)
    await expect(post(sink)).rejects.toThrow(message)
    await post(sink)
    expect(sink.mails({ to: 'ann@example.org' })).toHaveLength(1)
  })

  it('may be for one reader alone', async () => {
    await using sink = await startMailSink()
    await add(sink, 'kind=refuse&to=ann@example.org')
    await post(sink, { to: 'bob@example.org' })
    await expect(post(sink)).rejects.toThrow(/550/)
  })

  it('takes a mail without telling', async () => {
    await using sink = await startMailSink()
    await add(sink, 'kind=hang_up_after&times=1')
    await expect(post(sink)).rejects.toThrow()
    expect(sink.mails()).toHaveLength(1)
  })

  it('is listed with how often it was felt, is removed, and must be known', async () => {
    await using sink = await startMailSink()
    await add(sink, 'kind=slow&delayMs=1')
    await post(sink)
    expect(await getJson(`${sink.url}/api/faults`)).toEqual({
      rules: [{ kind: 'slow', delayMs: 1, felt: 1 }],
    })
    await fetch(`${sink.url}/api/faults`, { method: 'DELETE' })
    expect(await getJson(`${sink.url}/api/faults`)).toEqual({ rules: [] })
    expect((await add(sink, 'kind=lightning')).status).toBe(400)
  })
})

describe('the programs', () => {
  const programOf = (name: string) => join(import.meta.dirname, name)

  function launch(name: string, args: readonly string[]) {
    const child = spawn(process.execPath, ['--import', 'tsx', programOf(name), ...args])
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (output += text.toString()))
    }
    const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, output }))
    })
    return { child, ended }
  }

  it('take a mail, show it in the terminal, and end cleanly', async () => {
    const data = join(folder, 'mail')
    const { child, ended } = launch('main.ts', ['--data', data])
    const announced = await new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).once('line', resolve)
    })
    const { smtp } = JSON.parse(announced) as { listening: string; smtp: string }
    await post({ smtpUrl: smtp }, { text: 'rings\u0007 and\u001B[2J clears' })
    const read = await launch('read.ts', ['--data', folder, '--to', 'ann@example.org']).ended
    expect(read).toMatchObject({ code: 0, output: expect.stringContaining('Subject: Hello') })
    expect(read.output).toContain('rings and[2J clears')
    const json = await launch('read.ts', ['--data', folder, '--json']).ended
    expect(JSON.parse(json.output)).toMatchObject({ to: ['ann@example.org'] })
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(existsSync(join(data, 'address'))).toBe(false)
    const late = await launch('read.ts', ['--data', folder]).ended
    expect(late).toMatchObject({ code: 1, output: expect.stringContaining('is npm start running') })
  })

  it('say what is wrong with a port', async () => {
    await using sink = await startMailSink()
    const { port } = new URL(sink.url)
    const taken = await launch('main.ts', ['--port', port]).ended
    expect(taken).toEqual({ code: 1, output: `Port ${port} is already in use; choose another.\n` })
    const wrong = await launch('main.ts', ['--port', 'four']).ended
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('--port must be') })
  })
})
