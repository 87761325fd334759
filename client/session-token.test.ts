import { describe, expect, it } from 'vitest'
import { clientLimits } from './client-limits.ts'
import { SessionToken } from './session-token.ts'

describe('the session token', () => {
  it('is what the server answered last', () => {
    const session = new SessionToken()
    expect(session.seen).toBeNull()
    session.heard('a', null)
    session.heard('b', 'a')
    session.heard(null, 'b')
    expect(session.seen).toBe('b')
  })

  it('keeps both of two answers that crossed, until one answer knows of both', () => {
    const session = new SessionToken()
    session.heard('a', null)
    session.heard('b', 'a')
    session.heard('c', 'a')
    expect(session.seen).toBe('b,c')
    session.heard('d', 'b,c')
    expect(session.seen).toBe('d')
  })

  it('an answer that comes late replaces only what it was sent', () => {
    const session = new SessionToken()
    session.heard('a', null)
    session.heard('b', 'a')
    session.heard('a2', 'a')
    session.heard('b2', 'b')
    expect(session.seen).toBe('a2,b2')
  })

  it('is taken over from what a page kept, unless that can be no header', () => {
    const session = new SessionToken()
    session.seen = 'kept,too'
    expect(session.seen).toBe('kept,too')
    for (const broken of ['ä', 'a\nb', '', ' , ', 'undefined \u0000']) {
      session.seen = broken
      expect(session.seen).toBeNull()
    }
  })

  it('has a bound: the oldest goes first', () => {
    const session = new SessionToken()
    const long = 'x'.repeat(clientLimits.sessionCharactersMax - 2)
    session.heard('old', null)
    session.heard(long, null)
    expect(session.seen).toBe(long)
    session.heard('y'.repeat(clientLimits.sessionCharactersMax + 1), long)
    expect(session.seen).toBeNull()
  })
})
