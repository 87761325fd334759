/**
 * How long the auditor takes: makes up a clean run of a million operations, judges it, and says
 * where the time went. With `--write <folder>` the evidence goes through files, as after a drill.
 * CPU is what counts where others work on the same machine.
 *
 *   npm run bench:auditor -- [--operations 1000000] [--seed 1] [--write <folder>]
 */
import { parseArgs } from 'node:util'
import { audit } from './audit.ts'
import { cleanEvidence } from './clean/clean-evidence.ts'
import { writeEvidence } from './clean/write-evidence.ts'
import { type Evidence, readEvidence } from './read-evidence.ts'
import { sayVerdict } from './say-verdict.ts'

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    write: { type: 'string' },
  },
})

const said = (line: string): boolean => process.stdout.write(`${line}\n`)
const evidence = await read(values.write ?? null)
const used = process.cpuUsage()
const verdict = audit(evidence, (id, ms) => said(`${id.padEnd(8)} ${ms.toFixed(0).padStart(7)} ms`))
const { user, system } = process.cpuUsage(used)
for (const line of sayVerdict(verdict)) said(line)
const { run, history, versions, rows } = evidence
said(
  `seed ${run.seed}: ${history.length} lines of history, ${versions.length} versions, ${rows.orders.length} orders`,
)
said(
  `${((user + system) / 1e6).toFixed(1)} s of CPU, ${(verdict.tookMs / 1000).toFixed(1)} s by the clock, ${(process.memoryUsage.rss() / 2 ** 30).toFixed(2)} GiB in all`,
)
if (verdict.isBroken) process.exitCode = 1

async function read(folder: string | null): Promise<Evidence> {
  const made = cleanEvidence({ seed: Number(values.seed), operations: Number(values.operations) })
  if (folder === null) return made
  await writeEvidence(folder, made)
  const begun = process.cpuUsage()
  const found = await readEvidence(folder)
  const took = process.cpuUsage(begun)
  said(`read     ${((took.user + took.system) / 1e3).toFixed(0).padStart(7)} ms of CPU`)
  return found
}
