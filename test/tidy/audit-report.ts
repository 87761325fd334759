/**
 * What `npm audit --json` says, judged: known faults of severity high and critical fail unless each
 * is explained in audit-exceptions.json, with a reason and a day on which the reason is looked at
 * again. A registry without an advisory service says nothing, and that is said.
 */

export type AuditException = {
  /** As advisories are named: `GHSA-…`. */
  readonly advisory: string
  /** Why this fault cannot be used against us. */
  readonly reason: string
  /** The last day on which the reason counts, as `2027-01-31`. */
  readonly until: string
}

export type AuditVerdict = {
  readonly kind: 'clean' | 'faulty' | 'not checked'
  /** What to tell, one finding a line. */
  readonly lines: readonly string[]
}

type Advisory = {
  readonly id: string
  readonly name: string
  readonly severity: string
  readonly title: string
}

/** Clean 0, faulty 1; not checked is neither. */
export const exitCodeOf: Readonly<Record<AuditVerdict['kind'], number>> = {
  clean: 0,
  faulty: 1,
  'not checked': 2,
}

const grave: ReadonlySet<string> = new Set(['high', 'critical'])

/** @param today as `2026-11-30` */
export function judgeAudit(
  output: string,
  exceptions: readonly AuditException[],
  today: string,
): AuditVerdict {
  const report = parsed(output)
  const vulnerabilities = record(report?.['vulnerabilities'])
  if (vulnerabilities === null) return { kind: 'not checked', lines: [whyNotChecked(report)] }
  const found = advisoriesOf(vulnerabilities)
  const isExplained = ({ id }: Advisory) =>
    exceptions.some(({ advisory, until }) => advisory === id && until >= today)
  const faults = found.filter((one) => grave.has(one.severity) && !isExplained(one))
  const stale = exceptions.filter(
    ({ advisory, until }) => until < today || !found.some(({ id }) => id === advisory),
  )
  const lines = [
    ...faults.map(({ id, name, severity, title }) => `${severity}: ${name}: ${title} (${id})`),
    ...stale.map(({ advisory }) => `the exception for ${advisory} is over: remove it`),
  ]
  if (lines.length > 0) return { kind: 'faulty', lines }
  const rest =
    found.length === 0 ? 'none known' : `${found.length} known, none unexplained and grave`
  return { kind: 'clean', lines: [`Faults of packages used in production: ${rest}.`] }
}

function whyNotChecked(report: Readonly<Record<string, unknown>> | null): string {
  const status = report?.['statusCode']
  const code = record(report?.['error'])?.['code']
  const seen = typeof status === 'number' ? ` (it answered ${status})` : ''
  const fault = typeof code === 'string' && seen === '' ? ` (${code})` : seen
  return `Not checked: the package registry in use offers no advisories${fault}; run this where it does.`
}

/** Each advisory once; the packages that only depend on a faulty one name no advisory of their own. */
function advisoriesOf(vulnerabilities: Readonly<Record<string, unknown>>): Advisory[] {
  const all = Object.values(vulnerabilities).flatMap((one) => {
    const via = record(one)?.['via']
    return Array.isArray(via) ? via.flatMap(advisoryOf) : []
  })
  return [...new Map(all.map((one) => [`${one.id} ${one.name}`, one])).values()]
}

function advisoryOf(via: unknown): Advisory[] {
  const said = record(via)
  if (said === null) return []
  const url = text(said['url'])
  const id = /GHSA(?:-[a-z0-9]{4}){3}/.exec(url)?.[0] ?? url
  const [name, severity, title] = [said['name'], said['severity'], said['title']].map(text)
  return [{ id, name: name ?? '', severity: severity ?? '', title: title ?? '' }]
}

function parsed(output: string): Readonly<Record<string, unknown>> | null {
  try {
    return record(JSON.parse(output))
  } catch {
    return null
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? (value as Readonly<Record<string, unknown>>) : null
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
