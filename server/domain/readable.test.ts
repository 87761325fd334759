import { expect, it } from 'vitest'
import { isReadable } from './readable.ts'

it.each(['Ann', '!!!', '٣', '東京', '🎭', '€', 'e\u0301', '\u200dx', '…'])('%j is seen', (text) => {
  expect(isReadable(text)).toBe(true)
})

it.each([
  ['nothing', ''],
  ['spaces', ' \u00a0\u3000'],
  ['joiners', '\u200d\u200c\u2060'],
  ['marks without a letter', '\u0301\u20dd'],
  ['variation selectors', '\ufe0f\u{e0100}'],
  ['letters that are fillers', '\u3164\u115f\uffa0'],
  ['a blank of Braille', '\u2800'],
  ['characters for private use', '\ue000'],
])('%s are not', (_, text) => {
  expect(isReadable(text)).toBe(false)
})
