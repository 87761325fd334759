/** A caller learns which field is wrong, and is not read aloud to. */
import { expect, it } from 'vitest'
import { z } from 'zod'
import { issuesOf } from './input-issues.ts'

const shape = z.strictObject({ name: z.string().max(3), roles: z.record(z.string(), z.int()) })

function issuesIn(input: unknown) {
  const { error } = shape.safeParse(input)
  return error === undefined ? [] : issuesOf(error)
}

it('names the field', () => {
  expect(issuesIn({ name: 'long', roles: { a: 'x' } })).toMatchObject([
    { path: 'name' },
    { path: 'roles.a' },
  ])
})

it('a field of 200,000 letters that nobody knows is not sent back', () => {
  const [issue] = issuesIn({ name: 'a', roles: {}, ['k'.repeat(200_000)]: 1 })
  expect(issue?.message.length).toBeLessThan(80)
})

it('ten thousand unknown fields are counted, not listed', () => {
  const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`f${at}`, 1]))
  const [issue] = issuesIn({ name: 'a', roles: {}, ...unknown })
  expect(issue?.message).toBe('has unknown fields: "f0", "f1", "f2", "f3", "f4" and 9995 more')
})

it('a path through made-up names is short', () => {
  const [issue] = issuesIn({ name: 'a', roles: { ['k'.repeat(100_000)]: 'x' } })
  expect(issue?.path.length).toBe(200)
})

it('a cut leaves no half of a letter', () => {
  const [issue] = issuesIn({ name: 'a', roles: {}, ['😀'.repeat(100)]: 1 })
  expect(issue?.message).not.toMatch(/\p{Surrogate}/u)
})
