import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameMaxCharacters } from '../../domain/catalogue-limits.ts'
import { lineFaults } from '../../domain/field-fault.ts'
import { type Letter, type LetterValues, locales, type TemplateName } from '../../domain/mail.ts'
import { limits } from '../../platform/limits.ts'
import { chosenName } from './chosen-name.ts'
import { escapeHtml } from './escape-html.ts'
import { LetterFaultError, renderLetter } from './render-letter.ts'

const code = 'K7P2-9QXM'
const samples: { readonly [Name in TemplateName]: LetterValues[Name] } = {
  'verify-email': { code, minutes: 17 },
  'reset-password': { code, minutes: 18 },
  'change-email': { code, minutes: 19 },
  'email-changed': {},
  'already-registered': {},
  'password-changed': {},
  'new-sign-in': { at: Date.UTC(2027, 2, 4, 15, 36) },
  invitation: {
    organisation: 'Harbour Stage',
    inviter: 'Olga Ohm',
    role: 'box_office',
    code: 'invitation-code-of-thirty-two-ch',
    days: 7,
  },
}
const names = Object.keys(samples) as TemplateName[]
const pairs = names.flatMap((template) => locales.map((locale) => ({ template, locale })))

function letterOf(template: TemplateName, locale: string, values: object = samples[template]) {
  return { template, locale, values, to: 'ann@example.org' } as Letter
}

const invitationTo = (organisation: string) =>
  renderLetter(
    letterOf('invitation', 'en', { ...samples.invitation, organisation }),
    'Front & Row <3',
  )

/** What a reader sees of the HTML, roughly: this is a test of our own tags, not of the web's. */
const visible = (html: string) =>
  html
    .replace(/<title>.*?<\/title>|<[^>]*>/gs, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

describe('every letter', () => {
  it.each(pairs)('$template is told in $locale, in text and HTML alike', ({ template, locale }) => {
    const { subject, text, html } = renderLetter(letterOf(template, locale), 'Seats & Co')
    expect(html).toContain(`<html lang="${locale}">`)
    expect(html).toContain('Seats &amp; Co')
    expect(subject.length).toBeGreaterThan(5)
    for (const words of [text, visible(html), subject]) {
      expect(words).not.toMatch(/undefined|null|NaN|\[object|\$\{/)
    }
    for (const words of [text, visible(html)]) {
      expect(words).toContain('Seats & Co')
      for (const [name, value] of Object.entries(samples[template])) {
        if (name === 'at') expect(words).toMatch(/4\.? (March|März) 2027.*15:36/)
        else if (name === 'role') expect(words).toMatch(locale === 'de' ? 'Kasse' : 'box office')
        else expect(words).toContain(String(value))
      }
    }
    const seen = (words: string) => words.replace(/^-- $/m, '').split(/\s+/).filter(Boolean)
    expect(seen(visible(html))).toEqual(seen(text))
  })

  it.each(pairs)('$template loads nothing in $locale', ({ template, locale }) => {
    const { html, subject } = renderLetter(letterOf(template, locale), 'Frontrow')
    expect(html).not.toMatch(/<(img|a|script|link|style|iframe)\b|https?:|url\(|src=|href=/i)
    expect(subject).not.toContain(code)
  })

  it.each(names)('%s is another in each language', (template) => {
    const [one, other] = locales.map((locale) => renderLetter(letterOf(template, locale), 'F').text)
    expect(one).not.toBe(other)
  })

  it.each(names.filter((name) => Object.keys(samples[name]).length > 0))(
    '%s is refused when any of its values is missing, empty or of another kind',
    (template) => {
      for (const name of Object.keys(samples[template])) {
        for (const wrong of [undefined, '', Number.NaN, {}, -1]) {
          const values = { ...samples[template], [name]: wrong }
          const render = () => renderLetter(letterOf(template, 'en', values), 'F')
          expect(render).toThrow(LetterFaultError)
          expect(render).toThrow(name)
        }
      }
    },
  )

  it('tells no value in the fault', () => {
    const values = { code: 'sec ret', minutes: 5 }
    const render = () => renderLetter(letterOf('verify-email', 'en', values), 'F')
    expect(render).toThrow('the letter verify-email is wrong in: code')
  })

  it('needs no inviter', () => {
    const values = { ...samples.invitation, inviter: null }
    for (const locale of locales) {
      expect(renderLetter(letterOf('invitation', locale, values), 'F').text).not.toMatch(/null/)
    }
  })
})

describe('a name that somebody chose', () => {
  it('that the API takes, a letter can carry', () => {
    const odd = fc.constantFrom(
      '!',
      '\u200d',
      '\u0301',
      '\u3164',
      '\ufe0f',
      '\u2800',
      '\ue000',
      'a',
    )
    const names = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: odd, minLength: 1, maxLength: 4 }),
    )
    let taken = 0
    const property = fc.property(names, (name) => {
      if (lineFaults('name', name, nameMaxCharacters).length > 0) return
      taken += 1
      expect(invitationTo(name).text).toContain(chosenName(name))
    })
    fc.assert(property, { numRuns: 3_000, examples: [['!!!'], ['\u200d'], ['\u3164']] })
    expect(taken).toBeGreaterThan(300)
  })

  it('cannot become HTML', () => {
    const { html, text, subject } = invitationTo(`<script>alert("1")</script> & 'Söhne'`)
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;')
    expect(html).toContain('&amp; &#39;Söhne&#39;')
    expect(html).toContain('Front &amp; Row &lt;3')
    expect(text).toContain(`<script>alert("1")<`)
    expect(subject).toContain(`'Söhne'`)
  })

  it('cannot begin a line, end a header, or turn the words around', () => {
    const { subject, text, html } = invitationTo(
      'Stage\r\nBcc: all@example.org\u2028\u202Egpj\u0000x',
    )
    for (const words of [subject, text, html]) {
      expect(words).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u2028\r]/)
      expect(words).not.toContain('\0')
      expect(words).toContain('Stage Bcc: all@')
    }
    expect(subject).not.toContain('\n')
  })

  it('cannot be a link, and reads as it was', () => {
    const name = chosenName('Pay at https://evil.example/x or ann@evil.example')
    expect(name).not.toMatch(/:\/\/|\w\.\w|\w@\w/)
    expect(name.replaceAll('\u2060', '')).toBe('Pay at https://evil.example/x or ann@evil.example')
    expect(chosenName('St. Pauli: A/B')).toBe('St. Pauli: A/\u2060B')
  })

  it('is cut when it is long, between characters', () => {
    const name = chosenName('🎭'.repeat(100_000))
    expect(Array.from(name)).toHaveLength(limits.mailNameCharactersMax)
    expect(name).toMatch(/^🎭+…$/u)
    expect(invitationTo('x'.repeat(1_000_000)).html.length).toBeLessThan(5_000)
  })

  it('is told in any script, and mended when it is half a character', () => {
    expect(chosenName('מרכז תרבות')).toBe('מרכז תרבות')
    expect(chosenName('a\uD800b')).toBe('a\uFFFDb')
  })
})

describe('HTML', () => {
  it('is escaped, also where it is escaped already', () => {
    expect(escapeHtml(`<a href="x" id='y'>&amp;</a>`)).toBe(
      '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;',
    )
  })
})
