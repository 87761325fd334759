import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evidenceFiles } from '../evidence/evidence.ts'
import { audit } from './audit.ts'
import { cleanEvidence } from './clean/clean-evidence.ts'
import { writeEvidence } from './clean/write-evidence.ts'
import { EvidenceError } from './facts/columns.ts'
import { type Evidence, readEvidence } from './read-evidence.ts'
import { sayVerdict } from './say-verdict.ts'
import { storyLinesMax } from './story.ts'

/** Their subject does not exist, or is proved elsewhere. */
const elsewhere = ['I13', 'I17', 'I19', 'I20', 'I22', 'I23']

describe('the auditor', () => {
  it('finds nothing in a clean run of 100,000 operations, and looked at everything', () => {
    const verdict = audit(cleanEvidence({ seed: 11, operations: 100_000 }))
    expect(verdict.operations).toBeGreaterThanOrEqual(100_000)
    expect(verdict.findings.filter(({ broken }) => broken > 0)).toEqual([])
    expect(verdict.isBroken).toBe(false)
    expect(verdict.lostAcknowledgements).toBe(0)
    const unchecked = verdict.findings.filter(({ checked }) => checked === 0)
    expect(unchecked.map(({ id }) => id)).toEqual(elsewhere)
    expect(unchecked.every(({ note }) => note !== null)).toBe(true)
  }, 300_000)

  it('has a place for each of the twenty-six', () => {
    const { findings } = audit(cleanEvidence({ seed: 1, operations: 100 }))
    expect(findings.map(({ id }) => id)).toEqual(
      Array.from({ length: 26 }, (_, place) => `I${place + 1}`),
    )
  })

  it('finds nothing in clean runs of other seeds', () => {
    for (let seed = 100; seed < 110; seed += 1) {
      const { findings } = audit(cleanEvidence({ seed, operations: 1_000 }))
      expect(findings.filter(({ broken }) => broken > 0)).toEqual([])
    }
  })

  it('says so where versions are missing, and blames nobody for it', () => {
    const clean = cleanEvidence({ seed: 3, operations: 2_000 })
    const run = { ...clean.run, hasVersions: false }
    const verdict = audit({ ...clean, run, versions: [] })
    expect(verdict.isBroken).toBe(false)
    const i11 = verdict.findings.find(({ id }) => id === 'I11')
    expect(i11).toMatchObject({
      checked: 0,
      note: expect.stringContaining('no record of versions'),
    })
    const i1 = verdict.findings.find(({ id }) => id === 'I1')
    expect(i1?.checked).toBeGreaterThan(0)
  })

  it('judges a folder as it judges what the folder was made of', async () => {
    const clean = cleanEvidence({ seed: 5, operations: 1_000 })
    const folder = await mkdtemp(join(tmpdir(), 'frontrow-evidence-'))
    try {
      await writeEvidence(folder, clean)
      const found = await readEvidence(folder)
      expect(found).toEqual(clean)
      await writeFile(join(folder, evidenceFiles.history), '{"seq":1,"at"')
      await expect(readEvidence(folder)).rejects.toThrow(EvidenceError)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('takes no answer to what was never asked', () => {
    const clean = cleanEvidence({ seed: 6, operations: 100 })
    const history = clean.history.slice(1)
    expect(() => audit({ ...clean, history })).toThrow(EvidenceError)
  })
})

describe('a violation', () => {
  const clean = cleanEvidence({ seed: 8, operations: 2_000 })
  const [ticket, ...tickets] = clean.rows.tickets
  const lost: Evidence = { ...clean, rows: { ...clean.rows, tickets } }
  const order = String(ticket?.['order_id'])

  it('is told with what led to it, in the order of time', () => {
    const verdict = audit(lost)
    const i7 = verdict.findings.find(({ id }) => id === 'I7')
    const { said, story } = i7?.violations[0] ?? { said: '', story: [] }
    expect(said).toContain(order)
    const seconds = story
      .filter((line) => line.startsWith('+'))
      .map((line) => Number.parseFloat(line))
    expect(seconds).toEqual([...seconds].sort((one, other) => one - other))
    expect(story.length).toBeLessThanOrEqual(storyLinesMax)
    expect(story.some((line) => line.includes(`[state pending, version 1] -> [state paid`))).toBe(
      true,
    )
    expect(story.some((line) => line.includes('asks checkout.confirm'))).toBe(true)
  })

  it('is printed with its story, and the sum of all', () => {
    const lines = sayVerdict(audit(lost))
    expect(lines.find((line) => line.startsWith('I7'))).toContain('BROKEN')
    expect(lines.find((line) => line.startsWith('I2 '))).toContain('holds')
    expect(lines.at(-1)).toContain('1 acknowledgements lost; broken: I3, I7')
  })

  it('is counted beyond those that are told', () => {
    const none: Evidence = { ...clean, rows: { ...clean.rows, tickets: [] } }
    const i7 = audit(none).findings.find(({ id }) => id === 'I7')
    expect(i7?.violations).toHaveLength(5)
    expect(i7?.broken).toBeGreaterThan(50)
  })
})
