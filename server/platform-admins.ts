/**
 * `npm run platform-admins -- list | add <person> | remove <person>`: who runs the platform. Works
 * on the database of DATABASE_URL, at a server's own machine and not by any call; REGION says in
 * which region's audit log the change is written. docs/access.md says how to begin.
 */
import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { AuditLog } from './application/audit-log.ts'
import { changePlatformAdmins } from './application/change-platform-admins.ts'
import { systemClock } from './platform/clock.ts'
import { systemRandom } from './platform/random.ts'
import { type Database, openDatabase } from './stores/database.ts'
import { listPlatformAdmins } from './stores/platform-admins.ts'
import { reading } from './stores/reading.ts'

const usage = `Usage: npm run platform-admins -- list
       npm run platform-admins -- add <person>
       npm run platform-admins -- remove <person>

<person> is the subject of the person's access tokens, for example usr_use1_…
Set DATABASE_URL and REGION. Servers know of a change within seconds.
`

/** Visible ASCII, as access tokens have it. */
const personPattern = /^[\x21-\x7e]{1,255}$/
const listedMax = 1_000

const [verb, person, ...rest] = process.argv.slice(2)
const url = process.env['DATABASE_URL']
const region = process.env['REGION']
const knows = { list: person === undefined, add: isPerson(), remove: isPerson() }
const understood =
  verb !== undefined && Object.hasOwn(knows, verb) && knows[verb as keyof typeof knows]

if (!url || !region || !understood || rest.length > 0) {
  process.stderr.write(usage)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await run({ url, region })
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n`)
    process.exitCode = 1
  }
}

function isPerson(): boolean {
  return person !== undefined && personPattern.test(person)
}

async function run(at: { readonly url: string; readonly region: string }): Promise<number> {
  await using db = openDatabase({
    url: at.url,
    poolMax: 1,
    clock: systemClock,
    random: systemRandom,
  })
  return verb === 'list' ? await list(db) : await change(db, at.region)
}

async function list(db: Database): Promise<number> {
  const admins = await reading(db, 'platform-admins.list', (reader) =>
    listPlatformAdmins(reader, listedMax),
  )
  const lines = admins.map(({ person: id, since }) => `${id}  since ${since.toISOString()}\n`)
  process.stdout.write(lines.length === 0 ? 'Nobody runs the platform yet.\n' : lines.join(''))
  return 0
}

async function change(db: Database, inRegion: string): Promise<number> {
  const audit = new AuditLog(db, { region: inRegion, count: () => undefined })
  const operator = {
    name: userInfo().username,
    address: hostname(),
    requestId: randomUUID(),
  }
  const wish = { verb: verb === 'add' ? 'add' : 'remove', person: person ?? '' } as const
  const done = await changePlatformAdmins({ db, audit }, operator, wish)
  const said = verb === 'add' ? 'runs the platform now' : 'runs the platform no more'
  process.stdout.write(done ? `${wish.person} ${said}.\n` : `${wish.person} did not run it.\n`)
  return done ? 0 : 1
}
