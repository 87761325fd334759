import { expect, it } from 'vitest'
import { checkCycles, findCycles } from './cycles.ts'
import { parseSource } from './source.ts'

/** { a: 'b c' }: a.ts imports b.ts and c.ts. */
const project = (graph: Record<string, string>) =>
  Object.entries(graph).map(([name, targets]) =>
    parseSource(
      `${name}.ts`,
      targets.replaceAll(/\w/g, (one) => `import './${one}.ts'\n`),
    ),
  )

it('finds none where imports only go one way', () => {
  expect(findCycles(project({ a: 'b c', b: 'c d', c: 'd', d: '' }))).toEqual([])
})

it('finds short, long and separate cycles, and files that import themselves', () => {
  expect(findCycles(project({ a: 'b', b: 'a' }))).toEqual([['a.ts', 'b.ts']])
  expect(findCycles(project({ a: 'b', b: 'c', c: 'd', d: 'b' }))).toEqual([
    ['b.ts', 'c.ts', 'd.ts'],
  ])
  expect(findCycles(project({ a: 'b c', b: 'a', c: 'd', d: 'c' }))).toEqual([
    ['a.ts', 'b.ts'],
    ['c.ts', 'd.ts'],
  ])
  expect(findCycles(project({ a: 'a' }))).toEqual([['a.ts']])
})

it('counts types', () => {
  const sources = [
    parseSource('a.ts', "import type { B } from './b.ts'"),
    parseSource('b.ts', "import { a } from './a.ts'"),
  ]
  expect(checkCycles(sources)[0]?.message).toContain('b.ts')
})

it('has no bound on depth', () => {
  const chain = Array.from({ length: 5_000 }, (_, index) =>
    parseSource(`${index}.ts`, `import './${(index + 1) % 5_000}.ts'`),
  )
  expect(findCycles(chain)[0]).toHaveLength(5_000)
})
