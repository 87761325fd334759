/**
 * What must not be written, where, and what to write instead. Each ban is a pattern over the code,
 * the strings or the comments of a file; what needs the syntax tree is in manner.ts.
 */
import { isGenerated, isTest, lineOf, type Source, type Violation } from './source.ts'

type Ban = {
  readonly name: string
  readonly pattern: RegExp
  readonly view: 'code' | 'strings' | 'comments'
  readonly where: (path: string) => boolean
  readonly instead: string
}

/** Under any of these folders, and no test. */
const under =
  (...folders: string[]) =>
  (path: string) =>
    !isTest(path) && folders.some((folder) => path.startsWith(`${folder}/`))
const notIn =
  (...paths: string[]) =>
  (path: string) =>
    !isTest(path) && !paths.includes(path)
const inTests = (path: string) => isTest(path)
const anywhere = () => true

/** Where time and chance are parameters, so that a seed can replay what happened. */
const replayable = under('server/domain', 'server/application', 'server/stores', 'server/workers')
const ports = 'take it from the Clock or Random that came in (server/platform/clock.ts, random.ts)'
const sqlOpeners = [
  'server/stores/database.ts',
  'server/stores/statement.ts',
  'server/stores/transaction.ts',
]
/** The pool is opened, used and watched there. */
const staleOpeners = [
  'server/stores/database.ts',
  'server/stores/stale-reading.ts',
  'server/open-services.ts',
]

const timeAndChance: readonly Ban[] = [
  ['the clock', /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b/],
  ['a timer', /\b(setTimeout|setInterval|setImmediate)\b/],
  ['chance', /\bMath\.random\b|\b(randomUUID|randomBytes|randomInt|getRandomValues)\b/],
].map(([name, pattern]) => ({
  name: name as string,
  pattern: pattern as RegExp,
  view: 'code',
  where: replayable,
  instead: ports,
}))

const database: readonly Ban[] = [
  {
    name: 'an own way to the database',
    pattern: /\bpool\.(query|connect)\b|\.transaction\(|\bnew pg\.(Pool|Client)\b/,
    view: 'code',
    where: (path) =>
      under('server')(path) &&
      !sqlOpeners.includes(path) &&
      path !== 'server/stores/stale-reading.ts',
    instead: 'runWrite, runRead or inTransaction: they retry, count and settle unknown outcomes',
  },
  {
    name: 'the stale copy past its door',
    pattern: /\bstaleCopy\b/,
    view: 'code',
    where: (path) => under('server')(path) && !staleOpeners.includes(path),
    instead:
      'readingStale or runStaleRead: they say why old is good enough, and what if it is away',
  },
  {
    name: 'an advisory lock',
    pattern: /\bpg_(try_)?advisory\w*/i,
    view: 'strings',
    where: notIn(),
    instead: 'claim a row by compare-and-set with a lease: CockroachDB has no such lock',
  },
  {
    name: 'SKIP LOCKED',
    pattern: /\bskip\s+locked\b/i,
    view: 'strings',
    where: notIn(),
    instead: 'claim rows by compare-and-set: CockroachDB honours it only in newer versions',
  },
  {
    name: 'LISTEN or NOTIFY',
    pattern: /(^|[`'";])\s*(un)?(listen|notify)\s+[\w"]|\bpg_notify\b/i,
    view: 'strings',
    where: under('server', 'migrations'),
    instead: 'the outbox and a nudge: CockroachDB has neither',
  },
  {
    name: "a cast to the region's enum",
    pattern: /::\s*"?crdb_internal_region\b|\bas\s+crdb_internal_region\b/i,
    view: 'strings',
    where: under('server'),
    instead: 'take the region from a row; a cast parameter makes the plan visit every region',
  },
]

const process: readonly Ban[] = [
  {
    name: 'console',
    pattern: /\bconsole\s*\./,
    view: 'code',
    where: notIn(),
    instead: 'the logger in the server, process.stdout.write in programs',
  },
  {
    name: 'a port of this machine in the server',
    pattern: /\b(localhost|127\.0\.0\.1|0\.0\.0\.0):\d+/,
    view: 'strings',
    where: under('server'),
    instead: 'read it from the settings (server/config.ts)',
  },
]

const manner: readonly Ban[] = [
  {
    name: 'a silenced check',
    pattern: /@ts-(ignore|expect-error|nocheck)\b|\b(eslint|oxlint)-disable|\bbiome-ignore\b/,
    view: 'comments',
    where: notIn(),
    instead: 'mend what the check found',
  },
  {
    name: 'unfinished work',
    pattern: /\b(FIXME|XXX|HACK)\b|\bTODO\b(?!\(#\d+\))/,
    view: 'comments',
    where: anywhere,
    instead: 'finish it, or write TODO(#number)',
  },
  {
    name: 'a default export',
    pattern: /\bexport\s+default\b/,
    view: 'code',
    where: (path) => !path.endsWith('.config.ts') && !path.startsWith('test/run/'),
    instead: 'a name, so that it is called the same everywhere',
  },
  {
    name: 'a test that runs alone',
    pattern: /\b(it|test|describe)(\.\w+)*\.only\b/,
    view: 'code',
    where: inTests,
    instead: 'run one file with `npm test -- <file>`',
  },
  {
    name: 'a skip without a reason',
    pattern: /\b(it|test|describe)(\.\w+)*\.(skip|skipIf|runIf|todo|fails)\b/,
    view: 'code',
    where: (path) => isTest(path) && path !== 'test/support/skip.ts',
    instead: 'skipUnless or describeUnless (test/support/skip.ts)',
  },
  {
    name: 'a mocked module',
    pattern: /\bvi\.(mock|doMock|hoisted)\b/,
    view: 'code',
    where: anywhere,
    instead: 'the real part; clock and chance are parameters',
  },
  {
    name: 'a sleep',
    pattern: /\bsleep\s*\(/,
    view: 'code',
    where: inTests,
    instead: 'wait for a condition',
  },
]

export const bans: readonly Ban[] = [...timeAndChance, ...database, ...process, ...manner]

export function checkBans(sources: readonly Source[]): Violation[] {
  return sources.filter(({ path }) => !isGenerated(path) && !isOwnCase(path)).flatMap(faultsOf)
}

/** The checks' own tests spell what is banned. */
function isOwnCase(path: string): boolean {
  return /^test\/tidy\/.*\.test\.ts$/.test(path)
}

function faultsOf(source: Source): Violation[] {
  const { path } = source
  return bans
    .filter(({ where }) => where(path))
    .flatMap(({ name, pattern, view, instead }) =>
      [...source[view].matchAll(new RegExp(pattern, `${pattern.flags}gm`))].map(({ index }) => ({
        path,
        line: lineOf(source, index),
        message: `${name} is banned here; instead: ${instead}`,
      })),
    )
}
