/**
 * `npm run audit`: known faults of the packages that run in production. Ends with 0 when there is
 * no grave one without an explanation, with 1 when there is, with 2 when nobody could say.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { type AuditException, exitCodeOf, judgeAudit } from './audit-report.ts'
import { projectRoot } from './source.ts'

const deadlineMs = 60_000

/** npm ends with 1 when it finds faults; what it says counts. */
function npmAudit(): Promise<string> {
  const options = { cwd: projectRoot, timeout: deadlineMs, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    // Whoever waits for the answer is not kept for minutes where there is no network.
    const parameters = ['audit', '--omit=dev', '--json', '--fetch-retries=0']
    execFile('npm', parameters, options, (_, stdout) => resolve(stdout))
  })
}

const file = new URL('audit-exceptions.json', import.meta.url)
const exceptions = JSON.parse(await readFile(file, 'utf8')) as AuditException[]
const today = new Date().toISOString().slice(0, 10)
const verdict = judgeAudit(await npmAudit(), exceptions, today)
process.stdout.write(`${verdict.lines.join('\n')}\n`)
process.exitCode = exitCodeOf[verdict.kind]
