/** The pages for people name what can be played and what is checked, all of it and nothing else. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { invariants } from './auditor/invariants/index.ts'
import { scenarios } from './scenarios/index.ts'

const docs = join(import.meta.dirname, '..', 'docs')
const drills = readFileSync(join(docs, 'drills.md'), 'utf8')
const runbooks = readdirSync(join(docs, 'runbooks'))
const names = scenarios.map(({ name }) => name)

describe('the page about drills', () => {
  it('has every scenario in its table, and no other', () => {
    const told = [...drills.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name = '']) => name)
    expect(told.toSorted()).toEqual(names.toSorted())
  })

  it('says where each can be played', () => {
    for (const { name, targets, notYet } of scenarios) {
      const row = drills.split('\n').find((line) => line.startsWith(`| \`${name}\` |`))
      const where = notYet === undefined ? targets.join(', ') : 'none yet'
      expect(row?.endsWith(` | ${where} |`), `${name}: ${row}`).toBe(true)
    }
  })

  it('has every invariant once', () => {
    const told = [...drills.matchAll(/^\| (I\d+) \|/gm)].map(([, id]) => id)
    expect(told).toEqual(invariants.map(({ id }) => id))
  })
})

describe.each(runbooks)('the runbook %s', (file) => {
  it('is rehearsed by scenarios that there are', () => {
    const text = readFileSync(join(docs, 'runbooks', file), 'utf8')
    const words = new Set([...names, 'audit', 'soak', 'list'])
    const told = [...text.matchAll(/npm run chaos -- ([a-z][a-z-]*)/g)].map(([, name]) => name)
    expect(told.filter((name) => !words.has(name ?? ''))).toEqual([])
  })

  it('is in the index', () => {
    const index = readFileSync(join(docs, 'runbooks', 'README.md'), 'utf8')
    expect(file === 'README.md' || index.includes(`(${file})`)).toBe(true)
  })
})
