/**
 * A whole system with a mail server, and people with roles on organisations of their own. People
 * come in over HTTP with tokens; what they have is read back from the tables.
 */
import { randomUUID } from 'node:crypto'
import { createTRPCClient, httpLink } from '@trpc/client'
import { type MailSink, startMailSink } from '../../mail-sink/sink.ts'
import type { Role } from '../../server/domain/access.ts'
import { type Clock, systemClock } from '../../server/platform/clock.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { statementLog } from '../../server/statement-log.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import type { AppRouter } from '../../server/transport/routers/index.ts'
import {
  type Api,
  apiAt,
  openSaleSystem,
  type SaleSystem,
  type SaleSystemOptions,
  tokenFor,
} from '../support/sale-system.ts'

export type Somebody = { readonly id: string; readonly api: Api; readonly token: string }

export type OrganisationsSystem = AsyncDisposable & {
  readonly system: SaleSystem
  readonly sink: MailSink
  readonly root: Somebody
  /** Somebody of this name, with these roles beside those that they have already. */
  readonly person: (name: string, roles?: Readonly<Record<string, Role>>) => Promise<Somebody>
  /** Made by those who run the platform; nobody has a role on it. */
  readonly newOrganisation: (name?: string) => Promise<string>
  /** The code in the newest letter that nobody has read yet to this address. */
  readonly codeFor: (email: string) => Promise<string>
}

export const newKey = () => randomUUID()

export async function openOrganisations(
  options: Pick<SaleSystemOptions, 'databaseVia'> = {},
): Promise<OrganisationsSystem> {
  const sink = await startMailSink()
  const system = await openSaleSystem({
    ...options,
    settings: { SMTP_URL: sink.smtpUrl, MAIL_FROM: 'Frontrow <tickets@frontrow.example>' },
  }).catch(async (cause: unknown) => {
    await sink.close()
    throw cause
  })
  const somebody = async (name: string, who: object): Promise<Somebody> => {
    const token = await tokenFor(system.url, { name, ...who })
    return { id: `demo:${name}`, api: apiAt(system.url, token), token }
  }
  const root = await somebody('root', { admin: true })
  return {
    system,
    sink,
    root,
    person: (name, roles = {}) => somebody(name, { roles }),
    newOrganisation: async (name = 'Hall Ltd') =>
      (await root.api.admin.organisations.create.mutate({ key: newKey(), name })).id,
    codeFor: async (email) => {
      const { code } = await sink.next({ to: email, template: 'invitation' })
      if (code === null) throw new Error('the letter has no code')
      return code
    },
    [Symbol.asyncDispose]: async () => {
      await system[Symbol.asyncDispose]()
      await sink.close()
    },
  }
}

/** The same person, who also says why they act for an organisation. */
export function withReason(url: string, { token }: Somebody, reason: string): Api {
  const headers = { authorization: `Bearer ${token}`, 'x-acting-reason': reason }
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] })
}

/** An id of the same form that nobody has. */
export function missingLike(id: string): string {
  return `${id.slice(0, -4)}${id.endsWith('zzzz') ? 'yyyy' : 'zzzz'}`
}

/** The tables in which a text stands somewhere. */
export async function tablesWith(
  { sql }: Pick<SaleSystem, 'sql'>,
  text: string,
): Promise<string[]> {
  const tables = await sql<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  )
  const found: string[] = []
  for (const { name } of tables) {
    const query = `select 1 from ${name} as one where strpos(one::text, $1) > 0 limit 1`
    if ((await sql(query, [text])).length > 0) found.push(name)
  }
  return found
}

/** Another server's way to the database; its statements are judged like those of a server. */
export function openServerDatabase(url: string, clock: Clock = systemClock): Database {
  const recordings = process.env['STATEMENT_LOG']
  return openDatabase({
    url,
    poolMax: 4,
    clock,
    random: systemRandom,
    ...(recordings === undefined ? {} : { onStatement: statementLog(recordings) }),
  })
}
