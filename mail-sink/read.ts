/** `npm run mail`: the newest mails of the local system that runs, in the terminal. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type Mail, mailSchema } from './mail.ts'
import { addressFileName } from './sink.ts'

const usage = `Usage: npm run mail -- [options]

Shows the newest mails of the system that npm start runs, the newest last.

  --to <address>      only mails to this address
  --template <name>   only such letters: verify-email, reset-password, invitation, …
  --limit <number>    how many (default 3)
  --follow            go on with every mail that comes, until Ctrl-C
  --json              one JSON line each
  --data <folder>     of the system (default .frontrow/data)
  --url <address>     of the sink's page, instead
  --help
`

const followEveryMs = 500

/** What a person can mend; the message is one sentence. */
class ReadError extends Error {}

type Wish = {
  readonly address: string
  readonly query: URLSearchParams
  readonly json: boolean
  readonly follow: boolean
}

function readWish(): Wish | null {
  const { values } = parseArgs({
    options: {
      to: { type: 'string' },
      template: { type: 'string' },
      limit: { type: 'string', default: '3' },
      follow: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      data: { type: 'string', default: '.frontrow/data' },
      url: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  const query = new URLSearchParams({ limit: values.limit })
  if (values.to !== undefined) query.set('to', values.to)
  if (values.template !== undefined) query.set('template', values.template)
  const address = values.url ?? addressBelow(values.data)
  if (!URL.canParse(address)) throw new ReadError(`"${address}" is not an address.`)
  return { address, query, json: values.json, follow: values.follow }
}

function addressBelow(folder: string): string {
  try {
    return readFileSync(join(folder, 'mail', addressFileName), 'utf8').trim()
  } catch {
    throw new ReadError(
      `No mail sink runs over ${folder}: is npm start running? Else name it with --data or --url.`,
    )
  }
}

/** Oldest first. */
async function fetchMails({ address, query }: Wish): Promise<readonly Mail[]> {
  const answer = await fetch(new URL(`/api/mails?${query.toString()}`, address)).catch(() => null)
  if (answer === null) throw new ReadError(`Nothing answers at ${address}: is npm start running?`)
  const body: unknown = await answer.json().catch(() => null)
  if (!answer.ok) {
    const { error } = z.object({ error: z.string() }).catch({ error: '' }).parse(body)
    throw new ReadError(error || `${address} answered ${answer.status}.`)
  }
  const parsed = z.object({ mails: z.array(mailSchema) }).safeParse(body)
  if (!parsed.success) throw new ReadError(`What answers at ${address} is no mail sink.`)
  return parsed.data.mails.reverse()
}

/** A terminal obeys control characters, and anybody can send a mail. */
const printable = (text: string) => text.replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '')

function shown(mail: Mail): string {
  const rule = '─'.repeat(60)
  const head = [`To:      ${mail.to.join(', ')}`, `Subject: ${mail.subject}`, `At:      ${mail.at}`]
  return printable(`${rule}\n${head.join('\n')}\n\n${mail.text.trimEnd()}\n\n`)
}

async function main(): Promise<void> {
  const wish = readWish()
  if (wish === null) {
    process.stdout.write(usage)
    return
  }
  const told = new Set<string>()
  do {
    const mails = (await fetchMails(wish)).filter(({ id }) => !told.has(id))
    for (const mail of mails) {
      told.add(mail.id)
      process.stdout.write(wish.json ? `${JSON.stringify(mail)}\n` : shown(mail))
    }
    if (told.size === 0 && !wish.follow && !wish.json) process.stdout.write('No mail yet.\n')
    if (wish.follow) await pause(followEveryMs)
  } while (wish.follow)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
