/**
 * `npm test`: everything that judges the project, in one go and in one place: format, lint, types,
 * dead code, known faults of packages, tidy, all tests, and last CockroachDB's grammar over the
 * statements that the tests sent to the database. `npm test -- <part of a path>` runs only the tests of those files.
 * The last line is always `N passed, N failed, N skipped`; a check counts as one test.
 */
import { check, keepClosingLine, prepareRecording, tests } from './run/steps.ts'
import { closingLine, demandReasons, sum, summary, type Tally } from './run/tally.ts'

const noAdvisories = 'the package registry in use offers no advisories, or is out of reach'
const patterns = process.argv.slice(2)
const option = patterns.find((one) => one.startsWith('-'))
if (option !== undefined) {
  process.stderr.write(`${option}: only parts of paths here; for options use npx vitest run.\n`)
  process.exit(2)
}

process.stdout.write(`Node.js ${process.version}, ${process.platform} ${process.arch}\n`)
const tally = demandReasons(sum(patterns.length > 0 ? await some() : await all()))
const ran = tally.passed + tally.failures.length > 0
const closing: Tally = ran ? tally : { ...tally, failures: ['no test ran'] }
process.stdout.write(`\n${summary(closing)}\n`)
await keepClosingLine(closingLine(closing))
process.exitCode = closing.failures.length > 0 ? 1 : 0

async function all(): Promise<Tally[]> {
  await prepareRecording()
  return [
    await check('format', 'format:check'),
    await check('lint', 'lint'),
    await check('types', 'typecheck'),
    await check('dead code', 'dead-code'),
    await check('known faults of packages', 'audit', noAdvisories),
    await tests({ name: 'tidy', projects: ['tidy'], patterns: [] }),
    await tests({ name: 'tests', projects: ['unit', 'system'], patterns: [] }),
    await tests({ name: "CockroachDB's grammar", projects: ['grammar'], patterns: [] }),
    await tests({ name: 'containers', projects: ['containers'], patterns: [] }),
  ]
}

async function some(): Promise<Tally[]> {
  process.stdout.write(`Only tests whose path contains ${patterns.join(' or ')}; no other check.\n`)
  const projects = ['tidy', 'unit', 'system', 'grammar', 'containers']
  return [await tests({ name: 'tests', projects, patterns })]
}
