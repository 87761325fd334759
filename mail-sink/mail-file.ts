/**
 * Lets the mails survive a restart: one JSON line each, appended before the sender hears that the
 * mail was taken. No fsync: it survives the death of the process, not of the machine. Lines that
 * were torn are passed over; the file never grows beyond a small multiple of what is kept.
 */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { limits } from './limits.ts'
import { type Mail, mailSchema } from './mail.ts'

/** The file cannot be used; the message is one sentence for a person. */
export class MailFileError extends Error {}

export class MailFile {
  readonly #path: string
  #lines = 0

  /** @throws MailFileError when it cannot be written */
  constructor(path: string) {
    this.#path = path
    try {
      appendFileSync(path, '', { mode: 0o600 })
    } catch (cause) {
      throw new MailFileError(`The file ${path} cannot be opened for writing.`, { cause })
    }
  }

  /** The newest mails, oldest first. */
  load(mailsMax: number): readonly Mail[] {
    const mails = readFileSync(this.#path, 'utf8').split('\n').flatMap(mailIn).slice(-mailsMax)
    this.replace(mails)
    return mails
  }

  /** @param kept all that is to be found at the next start, this mail included */
  append(mail: Mail, kept: () => readonly Mail[], keptMax: number): void {
    if (this.#lines >= keptMax * limits.fileOverheadMax) {
      this.replace(kept())
      return
    }
    appendFileSync(this.#path, line(mail))
    this.#lines += 1
  }

  replace(mails: readonly Mail[]): void {
    const aside = `${this.#path}.new`
    writeFileSync(aside, mails.map(line).join(''), { mode: 0o600 })
    renameSync(aside, this.#path)
    this.#lines = mails.length
  }
}

const line = (mail: Mail) => `${JSON.stringify(mail)}\n`

function mailIn(text: string): Mail[] {
  try {
    const parsed = mailSchema.safeParse(JSON.parse(text))
    return parsed.success ? [parsed.data] : []
  } catch {
    return []
  }
}
