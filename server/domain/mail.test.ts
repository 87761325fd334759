import { describe, expect, it } from 'vitest'
import { localeOf } from './mail.ts'
import { isMailAddress, senderOf } from './mail-address.ts'

describe('the language of a letter', () => {
  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE_ch', 'de'],
    ['en-GB', 'en'],
    ['', 'en'],
    ['tlh', 'en'],
    ['fr-FR,fr;q=0.9,de;q=0.8,en;q=0.7', 'de'],
    ['en;q=0.3, de;q=0.9', 'de'],
    ['de;q=0, en', 'en'],
    ['de;q=0', 'en'],
    ['defter', 'en'],
    [`${'x,'.repeat(200)}de`, 'en'],
  ])('for %j is %s', (text, locale) => {
    expect(localeOf(text)).toBe(locale)
  })
})

describe('a mail address', () => {
  it.each([
    'ann@example.org',
    'ann+tickets@mail.example.org',
    "o'hara_1@example.co.uk",
    'jürgen@müller.example',
    '山田@例え.テスト',
    'ann@localhost',
    `${'a'.repeat(64)}@example.org`,
  ])('is %j', (text) => {
    expect(isMailAddress(text)).toBe(true)
  })

  it.each([
    '',
    'ann',
    '@example.org',
    'ann@',
    'ann@example.org\r\nBcc: all@example.org',
    'ann@example.org\n',
    'ann\u0000@example.org',
    'ann@example.org,bob@example.org',
    'ann@example.org bob@example.org',
    'ann@bob@example.org',
    '"ann"@example.org',
    'Ann <ann@example.org>',
    '.ann@example.org',
    'an..n@example.org',
    'ann@-example.org',
    'ann@example..org',
    'ann\u202Egro.elpmaxe@example.org',
    'ann\uD800@example.org',
    'ann@[127.0.0.1]',
    `${'a'.repeat(65)}@example.org`,
    `ann@${'a.'.repeat(150)}org`,
  ])('is not %j', (text) => {
    expect(isMailAddress(text)).toBe(false)
  })

  it('is judged in no time, however long', () => {
    expect(isMailAddress(`a@${'a-'.repeat(1_000_000)}`)).toBe(false)
    expect(isMailAddress(`a@${'a-'.repeat(120)}`)).toBe(false)
  })
})

describe('a sender', () => {
  it.each([
    ['tickets@example.org', { name: '', address: 'tickets@example.org' }],
    ['Frontrow <tickets@example.org>', { name: 'Frontrow', address: 'tickets@example.org' }],
    ['"Häuser, groß" <t@example.org>', { name: 'Häuser, groß', address: 't@example.org' }],
    ['Front\r\nBcc: <t@example.org>', null],
    ['Front <nobody>', null],
  ])('is read from %j', (text, sender) => {
    expect(senderOf(text)).toEqual(sender)
  })
})
