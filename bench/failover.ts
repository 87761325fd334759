/**
 * `npm run bench:failover`: every region is lost in turn under load, and what that costs is
 * measured; then what else is promised of several regions. See `--help` and docs/failover.md.
 */
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { openDrill } from './failover/drill.ts'
import { type Figures, measureFigures } from './failover/figures.ts'
import { type Loss, loseRegion } from './failover/lose-region.ts'
import { faultsOfLosses, lossLine, lossSummary } from './failover/report.ts'
import { settledFaults } from './failover/verdict.ts'

const usage = `Usage: npm run bench:failover -- [options]

Three regions on this machine, with WAN round trips on the links; needs a Redis.

  --runs <number>   regions lost in turn, under load (default 20; 0 for none)
  --fans <number>   at once, in all places (default 24)
  --seed <number>   another crowd (default 1)
  --only-losses     leaves out what is measured beside
  --json <file>     where the report goes as JSON
  --help

Exit code: 0 nothing was lost or sold twice; 1 something was, or the run failed.
`

const waitingHolds = 120
const salesBefore = 10

process.exit(await main())

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      fans: { type: 'string', default: '24' },
      seed: { type: 'string', default: '1' },
      'only-losses': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const [runs, fans, seed] = [Number(values.runs), Number(values.fans), Number(values.seed)]
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop.abort(new Error('interrupted')))
  }
  await using drill = await openDrill({ environment: process.env, signal: stop.signal })
  const losses: Loss[] = []
  for (let run = 0; run < runs; run += 1) {
    stop.signal.throwIfAborted()
    const victim = drill.names[run % drill.names.length] ?? ''
    const name = `run-${seed}-${run}`
    const plan = { victim, fans, seed: seed + run, waitingHolds, salesBefore, name }
    losses.push(await loseRegion(drill, plan))
    say(lossLine(run + 1, losses))
  }
  if (losses.length > 0) say(lossSummary(losses))
  const figures: Figures | null = values['only-losses'] ? null : await measureFigures(drill, say)
  const faults = [...faultsOfLosses(losses), ...(await settledFaults(drill))]
  say(faults.length === 0 ? 'nothing was lost, and nothing was sold twice' : faults.join('\n'))
  if (values.json !== undefined) {
    const report = { at: new Date().toISOString(), fans, seed, losses, figures, faults }
    await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
  }
  return faults.length === 0 ? 0 : 1
}

function say(text: string): void {
  const load = loadavg()[0]?.toFixed(1) ?? '?'
  process.stdout.write(`${text}  (load ${load})\n`)
}
