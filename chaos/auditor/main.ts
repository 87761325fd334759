/**
 * Judges a run by its folder of evidence, again or for the first time. Ends with 1 when anything
 * is broken, and with 2 when the folder is no evidence.
 *
 *   npm run audit:drill -- <folder> [--json]
 */
import { parseArgs } from 'node:util'
import { audit } from './audit.ts'
import { readEvidence } from './read-evidence.ts'
import { sayVerdict } from './say-verdict.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const [folder] = positionals
if (folder === undefined) {
  process.stderr.write('usage: npm run audit:drill -- <folder> [--json]\n')
  process.exitCode = 2
} else {
  process.exitCode = await judge(folder)
}

async function judge(path: string): Promise<number> {
  try {
    const verdict = audit(await readEvidence(path))
    const lines = values.json ? [JSON.stringify(verdict, null, 2)] : sayVerdict(verdict)
    process.stdout.write(`${lines.join('\n')}\n`)
    return verdict.isBroken ? 1 : 0
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    process.stderr.write(`This is no evidence of a run: ${said}\n`)
    return 2
  }
}
