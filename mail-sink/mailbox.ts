/** The newest mails, a bounded number of them, in memory and, where there is one, in a file. */
import { type Delivery, type Mail, readMail } from './mail.ts'
import type { MailFile } from './mail-file.ts'

export type MailQuery = {
  /** A whole address; capitals make no difference. */
  readonly to?: string | undefined
  readonly template?: string | undefined
}

export type MailboxOptions = { readonly mailsMax: number; readonly file: MailFile | null }

export class Mailbox {
  readonly #mailsMax: number
  readonly #file: MailFile | null
  /** Oldest first. */
  #mails: Mail[]
  #lastId: number

  constructor({ mailsMax, file }: MailboxOptions) {
    this.#mailsMax = mailsMax
    this.#file = file
    this.#mails = [...(file?.load(mailsMax) ?? [])]
    this.#lastId = Math.max(0, ...this.#mails.map(({ id }) => Number(id.slice(idPrefix.length))))
  }

  async add(delivery: Omit<Delivery, 'id'>): Promise<Mail> {
    const mail = await readMail({ ...delivery, id: `${idPrefix}${++this.#lastId}` })
    this.#mails.push(mail)
    if (this.#mails.length > this.#mailsMax) this.#mails.shift()
    this.#file?.append(mail, () => this.#mails, this.#mailsMax)
    return mail
  }

  find(id: string): Mail | undefined {
    return this.#mails.find((mail) => mail.id === id)
  }

  /** Newest first. */
  list(query: MailQuery = {}): readonly Mail[] {
    return this.#mails.filter((mail) => matches(mail, query)).reverse()
  }

  deleteAll(): void {
    this.#mails = []
    this.#file?.replace([])
  }
}

const idPrefix = 'mail_'

function matches(mail: Mail, { to, template }: MailQuery): boolean {
  const isTo = to === undefined || mail.to.some((one) => one.toLowerCase() === to.toLowerCase())
  return isTo && (template === undefined || mail.template === template)
}
