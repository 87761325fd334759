/** One mail as the sink keeps and shows it: decoded, whatever it was encoded as. */
import PostalMime from 'postal-mime'
import { z } from 'zod'

export const mailSchema = z.object({
  id: z.string(),
  /** When it came in, ISO 8601. */
  at: z.string(),
  /** Of the envelope. */
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
  /** The header X-Frontrow-Template. */
  template: z.string().nullable(),
  /** What stands alone on a line of the text, four spaces in: the code of a letter that has one. */
  code: z.string().nullable(),
  /** Names in lower case, in their order. */
  headers: z.array(z.tuple([z.string(), z.string()])),
})

export type Mail = Readonly<z.output<typeof mailSchema>>

export type Delivery = {
  readonly id: string
  readonly at: Date
  readonly from: string
  readonly to: readonly string[]
  readonly raw: Buffer
}

/** @throws Error when it is nested beyond reason */
export async function readMail({ id, at, from, to, raw }: Delivery): Promise<Mail> {
  const mail = await PostalMime.parse(raw)
  const text = unwired(mail.text ?? '')
  return {
    id,
    at: at.toISOString(),
    from,
    to: [...to],
    subject: mail.subject ?? '',
    text,
    html: mail.html === undefined ? null : unwired(mail.html),
    template: mail.headers.find(({ key }) => key === 'x-frontrow-template')?.value ?? null,
    code: /^ {4}(\S+)$/m.exec(text)?.[1] ?? null,
    headers: mail.headers.map(({ key, value }) => [key, value]),
  }
}

/** As it was before it was sent: SMTP ends every line with both, and the last one too. */
function unwired(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/\n$/, '')
}
