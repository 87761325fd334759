/**
 * Every migration and every statement that the suite sent to the database, against CockroachDB's
 * grammar and the rules of README.md. Runs after the other projects have recorded. Without Go it
 * skips, and says so.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildDeadlineMs } from '../support/go-program.ts'
import { describeUnless } from '../support/skip.ts'
import { runGoTests, whyNoChecker } from './build.ts'
import { checkStatements, describeViolation, type Statement, type Violation } from './check.ts'
import {
  clusterStatements,
  migrationStatements,
  recordedStatements,
  recordingWasExpected,
} from './collect.ts'

type Cases = {
  ddl: string[]
  localities: string[]
  hot: string
  bad: { rule: string; level: Violation['level']; sql: string; name?: string }[]
  good: string[]
}

const cases = JSON.parse(await readFile(new URL('cases.json', import.meta.url), 'utf8')) as Cases
const hotStatements = JSON.parse(
  await readFile(new URL('data/hot-statements.json', import.meta.url), 'utf8'),
) as string[]

const missing = await whyNoChecker()
if (missing !== null) {
  process.stdout.write(
    `\nSKIPPED: no SQL was checked against CockroachDB's grammar: ${missing}.\n\n`,
  )
}

const shared = (sql: string, name: string | null = null): Statement => ({
  name,
  sql,
  source: 'case',
  dialect: 'shared',
})
const caseTables: Statement[] = [
  ...cases.ddl.map((sql) => shared(sql)),
  ...cases.localities.map((sql): Statement => ({ ...shared(sql), dialect: 'cockroach' })),
]

describeUnless(missing, "CockroachDB's grammar", () => {
  let migrations: Statement[] = []
  beforeAll(async () => {
    migrations = await migrationStatements()
  })

  it('takes every migration', async () => {
    expect(migrations.length).toBeGreaterThan(0)
    expectNoErrors(await checkStatements(migrations, { hot: hotStatements }))
  })

  it('takes every statement that makes the cluster of docker-compose.multi-region.yml', async () => {
    const statements = await clusterStatements()
    expect(statements.length).toBeGreaterThan(10)
    expectNoErrors(await checkStatements(statements))
  })

  it('takes every statement that the suite sent to the database', async () => {
    const recorded = await recordedStatements()
    if (recorded.length === 0) {
      expect(await recordingWasExpected(), 'a suite ran and its pool recorded nothing').toBe(false)
      process.stdout.write('\nNOT CHECKED: no recorded statements; run the whole suite first.\n\n')
      return
    }
    const violations = await checkStatements([...migrations, ...recorded], { hot: hotStatements })
    expectNoErrors(violations.filter(({ source }) => source === 'recorded'))
    process.stdout.write(`\n${recorded.length} recorded statements checked.\n`)
  })

  it('has the program’s own tests pass', { timeout: buildDeadlineMs }, async () => {
    expect(await runGoTests()).toContain('ok')
  })
})

describeUnless(missing, 'the rules', () => {
  const rules = [...new Set(cases.bad.map(({ rule }) => rule))]
  it.each(rules)('%s catches each of its bad statements', async (rule) => {
    const bad = cases.bad.filter((one) => one.rule === rule)
    const found = await checkStatements(
      [...caseTables, ...bad.map(({ sql, name }) => shared(sql, name ?? null))],
      { hot: [cases.hot] },
    )
    for (const { sql, level } of bad) {
      const caught = found.filter((one) => one.sql === sql && one.rule === rule)
      expect(
        caught.map((one) => one.level),
        sql,
      ).toContain(level)
    }
  })

  it.each(cases.good)('let pass: %s', async (sql) => {
    const found = await checkStatements([...caseTables, shared(sql, 'checkout.good')], {
      hot: sql.includes('on conflict') ? [] : [cases.hot],
    })
    expect(found.map(describeViolation)).toEqual([])
  })

  it('say aloud that the order of nulls was not checked when no schema is known', async () => {
    const found = await checkStatements([shared('select id from events order by name')])
    expect(found.map(({ rule, level }) => [rule, level])).toEqual([['order-nulls', 'note']])
  })
})

describe('collecting', () => {
  it('keeps each recorded text once, with a name if any recording had one', async () => {
    await using project = await emptyProject()
    await project.record('1.jsonl', [
      { name: null, sql: 'select 1' },
      { name: 'one', sql: 'select 1' },
    ])
    await project.record('2.jsonl', [{ name: null, sql: 'select 2' }])
    const recorded = await recordedStatements(project.root)
    expect(recorded.map(({ name, sql }) => [name, sql])).toEqual([
      ['one', 'select 1'],
      [null, 'select 2'],
    ])
  })

  it('passes over a last line that a killed process left half written', async () => {
    await using project = await emptyProject()
    await project.write('1.jsonl', '{"name":null,"sql":"select 1"}\n{"name":null,"sq')
    expect((await recordedStatements(project.root)).map(({ sql }) => sql)).toEqual(['select 1'])
  })

  it('knows from the marker that statements should have been recorded', async () => {
    await using project = await emptyProject()
    expect(await recordingWasExpected(project.root)).toBe(false)
    expect(await recordedStatements(project.root)).toEqual([])
    await project.write('expected', '')
    expect(await recordingWasExpected(project.root)).toBe(true)
  })
})

function expectNoErrors(violations: readonly Violation[]): void {
  const others = violations.filter(({ level }) => level !== 'error')
  if (others.length > 0) {
    process.stdout.write(`\n${others.map(describeViolation).join('\n')}\n`)
  }
  const errors = violations.filter(({ level }) => level === 'error').map(describeViolation)
  expect(errors.join('\n')).toBe('')
}

async function emptyProject() {
  const root = await mkdtemp(join(tmpdir(), 'frontrow-statements-'))
  const folder = join(root, '.frontrow', 'statements')
  await mkdir(folder, { recursive: true })
  const write = (file: string, content: string) => writeFile(join(folder, file), content)
  return {
    root,
    write,
    record: (file: string, lines: object[]) =>
      write(file, lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}
