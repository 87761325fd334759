/**
 * A reporter that writes what one vitest run came to into the file that TALLY_FILE names, so that
 * several runs can be added up. Unlike vitest's JSON it keeps why a test was left out, and counts
 * what breaks outside a test: a file that does not load, a hook, an error that nobody caught.
 */
import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'
import { reasonInName, type Skipped, type Tally } from './tally.ts'

/** Which projects had tests: a project that lost all of its files must not pass unseen. */
export type RunTally = Tally & { readonly projects: readonly string[] }

type Draft = { passed: number; failures: string[]; skipped: Skipped[]; projects: Set<string> }

export default class TallyReporter implements Reporter {
  onInit(_vitest: Vitest): void {
    if (!process.env['TALLY_FILE']) throw new Error('TALLY_FILE must name a file')
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string }[]): void {
    const draft: Draft = { passed: 0, failures: [], skipped: [], projects: new Set() }
    for (const module of modules) addModule(draft, module)
    draft.failures.push(...unhandled.map(({ message }) => `outside of any test: ${message}`))
    const tally: RunTally = { ...draft, projects: [...draft.projects] }
    writeFileSync(process.env['TALLY_FILE'] ?? '', JSON.stringify(tally))
  }
}

function addModule(draft: Draft, module: TestModule): void {
  addErrors(draft, module, module.relativeModuleId)
  for (const suite of module.children.allSuites()) addErrors(draft, suite, nameOf(suite))
  for (const test of module.children.allTests()) {
    draft.projects.add(module.project.name)
    addTest(draft, test)
  }
}

function addErrors(draft: Draft, owner: TestModule | TestSuite, name: string): void {
  const errors = owner.errors()
  draft.failures.push(...errors.map(({ message }) => `${name}: ${firstLine(message)}`))
}

function addTest(draft: Draft, test: TestCase): void {
  const name = nameOf(test)
  const result = test.result()
  if (result.state === 'passed') draft.passed += 1
  else if (result.state === 'failed') {
    draft.failures.push(`${name}: ${firstLine(result.errors[0]?.message ?? 'failed')}`)
  } else if (result.state === 'skipped' && !hasBrokenParent(test)) {
    draft.skipped.push({ name, reason: result.note ?? reasonInName(name) })
  } else draft.failures.push(`${name}: did not run`)
}

/** Its `beforeAll` failed, so that vitest calls it skipped. */
function hasBrokenParent(test: TestCase): boolean {
  let parent: TestModule | TestSuite = test.parent
  while (parent.errors().length === 0) {
    if (parent.type === 'module') return false
    parent = parent.parent
  }
  return true
}

function nameOf(part: TestCase | TestSuite): string {
  return `${part.module.relativeModuleId} > ${part.fullName}`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
