import { describe, expect, it } from 'vitest'
import { failureKind, readAfter, sqlStateOf, UnknownOutcomeError } from './outcome.ts'

const error = (code?: unknown) => Object.assign(new Error('it failed'), { code })

describe('a failed statement', () => {
  it.each([
    ['40001', 'retry'],
    ['40P01', 'retry'],
    ['CR000', 'retry'],
    ['22012', 'guard'],
    ['23505', 'duplicate'],
    ['40003', 'unknown'],
    ['XXUUU', 'unknown'],
    ['57014', 'unknown'],
    ['57P01', 'unknown'],
    ['57P02', 'unknown'],
    ['57P03', 'unknown'],
    ['58C01', 'unknown'],
    ['08006', 'unknown'],
    ['08P01', 'unknown'],
    ['25006', 'unavailable'],
    ['53100', 'unavailable'],
    ['53300', 'unavailable'],
    ['23514', 'other'],
    ['42601', 'other'],
    ['XX000', 'other'],
  ])('with SQLSTATE %s: %s', (code, kind) => {
    expect(failureKind(error(code))).toBe(kind)
  })

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_SOCKET_CLOSED', undefined, 17, ''])(
    'whose connection broke (%s) may have been done',
    (code) => {
      expect(failureKind(error(code))).toBe('unknown')
      expect(sqlStateOf(error(code))).toBeNull()
    },
  )

  it('that was wrong before it was sent is a bug, and nothing else', () => {
    expect(failureKind(new TypeError('no such parameter'))).toBe('other')
    expect(failureKind(new RangeError('too long'))).toBe('other')
  })

  it('whose cause is nothing at all may have been done', () => {
    for (const cause of [null, undefined, 'cut', 7]) expect(failureKind(cause)).toBe('unknown')
  })
})

describe('reading what a failed write made', () => {
  const away = () => Promise.reject(new Error('away'))

  it('answers what is read', async () => {
    expect(await readAfter(new UnknownOutcomeError('lost'), () => Promise.resolve(7))).toBe(7)
  })

  it('leaves an unknown outcome unknown when nothing can be read', async () => {
    const lost = new UnknownOutcomeError('lost')
    await expect(readAfter(lost, away)).rejects.toBe(lost)
    await expect(readAfter(new Error('refused'), away)).rejects.toThrow('away')
  })
})
