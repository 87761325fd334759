import { describe, expect, it } from 'vitest'
import { commonPasswords } from './common-passwords.ts'
import { passwordFault } from './password.ts'

const email = 'olga.petrova@example.org'

describe('a password', () => {
  it.each([
    'correct horse battery staple',
    '  spaces stay  ',
    'пароль-с-хвостом',
    '🎟🎫🎟🎫🎟🎫🎟🎫',
    'x'.repeat(127) + 'y',
  ])('%j is fit', (password) => {
    expect(passwordFault(password, email)).toBeNull()
  })

  it.each([
    ['', 'characters or more'],
    ['1234567', 'characters or more'],
    ['🎟🎫🎟🎫🎟🎫🎟', 'characters or more'],
    [`${'x'.repeat(128)}y`, 'at most'],
    ['password', 'first that are tried'],
    ['PassWord123', 'first that are tried'],
    ['zzzzzzzzzzzzzz', 'first that are tried'],
    ['efghijklmn', 'first that are tried'],
    ['zyxwvutsrq', 'first that are tried'],
    ['olga.petrova', 'e-mail address'],
    ['Olga.Petrova@Example.org', 'e-mail address'],
    ['example.org', 'e-mail address'],
  ])('%j is refused', (password, fault) => {
    expect(passwordFault(password, email)).toContain(fault)
  })

  it('is looked for among thousands, all of which the length would let pass', () => {
    expect(commonPasswords.size).toBeGreaterThan(3_000)
    expect([...commonPasswords].filter((one) => Array.from(one).length < 8)).toEqual([])
    expect([...commonPasswords].filter((one) => one !== one.toLowerCase())).toEqual([])
  })
})
