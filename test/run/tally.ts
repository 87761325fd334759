/**
 * What a run comes to: how many passed, which failed, which were left out and why. The closing
 * line is for machines; the lists before it are for people.
 */

export type Skipped = { readonly name: string; readonly reason: string | null }

export type Tally = {
  readonly passed: number
  /** One line each: where, and what. */
  readonly failures: readonly string[]
  readonly skipped: readonly Skipped[]
}

const nameLengthMax = 160

export const nothing: Tally = { passed: 0, failures: [], skipped: [] }

export type Check = {
  readonly name: string
  readonly script: string
  /** Why it is left out when it ends with 2; undefined: that is a failure like any other. */
  readonly unsure: string | undefined
}

/** @param fault null when the script ended well, else how it ended */
export function checked({ name, script, unsure }: Check, fault: string | null): Tally {
  if (fault === null) return { ...nothing, passed: 1 }
  if (unsure !== undefined && fault === 'ended with 2') {
    return { ...nothing, skipped: [{ name: `npm run ${script}`, reason: unsure }] }
  }
  return { ...nothing, failures: [`${name}: npm run ${script} ${fault}`] }
}

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, { passed }) => total + passed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
    skipped: tallies.flatMap(({ skipped }) => skipped),
  }
}

/** Nobody may leave out a test in silence: what has no reason counts as failed. */
export function demandReasons({ passed, failures, skipped }: Tally): Tally {
  const silent = skipped.filter(({ reason }) => reason === null)
  return {
    passed,
    failures: [...failures, ...silent.map(({ name }) => `${name}: left out without a reason`)],
    skipped: skipped.filter(({ reason }) => reason !== null),
  }
}

/** The reason in the name that describeUnless gives. */
export function reasonInName(name: string): string | null {
  return /\(skipped: (.+?)\)(?= >|$)/.exec(name)?.[1] ?? null
}

export function closingLine({ passed, failures, skipped }: Tally): string {
  return `${passed} passed, ${failures.length} failed, ${skipped.length} skipped`
}

/** The lists and the closing line, which is the last one. */
export function summary(tally: Tally): string {
  return [
    ...headed('Failed:', tally.failures),
    ...headed('Skipped:', skippedLines(tally.skipped)),
    closingLine(tally),
  ].join('\n')
}

/** Tests that are left out for one reason stand together. */
function skippedLines(skipped: readonly Skipped[]): string[] {
  const reasons = new Set(skipped.map(({ reason }) => reason))
  return [...reasons].flatMap((reason) => {
    const names = skipped
      .filter((one) => one.reason === reason)
      .map(({ name }) => `  ${short(name)}`)
    return [`${names.length} because: ${reason}`, ...names]
  })
}

/** A name may hold a whole SQL statement. */
function short(name: string): string {
  const line = name.replaceAll(/\s+/g, ' ')
  return line.length > nameLengthMax ? `${line.slice(0, nameLengthMax)}…` : line
}

function headed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), '']
}
