/** What of a state reaches the audit log: storable, bounded, and without what must not stand there. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../platform/limits.ts'
import { auditable, subjectsOf } from './audit-state.ts'
import { canonicalJson } from './canonical-json.ts'

describe('a state for the audit log', () => {
  it('has no secrets and no whole addresses, at any depth', () => {
    const secrets = ['key', 'code', 'codeHash', 'text', 'secret', 'secretHash', 'token']
    const inner = Object.fromEntries(secrets.map((name) => [name, `canary-${name}`]))
    const state = auditable({ ...inner, deep: [{ ...inner, email: 'olga.canary@example.org' }] })
    expect(JSON.stringify(state)).not.toContain('canary')
    expect(state).toEqual({ deep: [{ email: 'o…@example.org' }] })
  })

  it('has a file as its size and hash', () => {
    expect(auditable({ content: 'abc', name: 'Hall' })).toEqual({
      content: {
        bytes: 3,
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      },
      name: 'Hall',
    })
  })

  it('has dates as text, and nothing where there is nothing', () => {
    expect(auditable({ at: new Date(0), none: undefined, null: null })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      null: null,
    })
    expect(auditable(undefined)).toBeNull()
  })

  it('is its hash when it is too large', () => {
    const name = 'x'.repeat(limits.auditStateBytesMax)
    expect(auditable({ name })).toEqual({
      bytes: name.length + 11,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('is JSON that a database takes, whatever came in', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withBigInt: true }), (value) => {
        const text = canonicalJson(auditable(value))
        expect(text).not.toContain('\\u0000')
        expect(text.length).toBeLessThanOrEqual(limits.auditStateBytesMax)
        expect(canonicalJson(auditable(JSON.parse(text)))).toBe(text)
      }),
    )
  })

  it('does not change what objects inherit', () => {
    const state = auditable(JSON.parse('{"__proto__":{"polluted":true},"a":1}'))
    expect(JSON.stringify(state)).toBe('{"__proto__":{"polluted":true},"a":1}')
    expect((state as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

it('subjects are the ids in the first level, each once, without the organisation', () => {
  const event = 'evt_use1_01j8zzzzzzzzzzzzzzzzzzzzzz'
  const organisation = 'org_01j8zzzzzzzzzzzzzzzzzzzzzz'
  expect(
    subjectsOf(
      { organisation, event, key: event.replace('8', '7'), person: 'demo:ann' },
      { id: event },
    ),
  ).toEqual([event, 'demo:ann'])
  expect(subjectsOf(null, 'text', undefined, 3)).toEqual([])
})
