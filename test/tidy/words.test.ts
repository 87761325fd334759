import { expect, it } from 'vitest'
import { checkText } from './words.ts'

const faults = (text: string) =>
  checkText('README.md', text).map(({ line, message }) => [line, message])

it.each([
  'see /work/notes.md',
  'cd /home/someone/frontrow',
  'logs in "/root/x"',
  'write /tmp/report.json',
  'C:\\Users\\someone',
  'https://registry.npmjs.org/pg',
  'https://artifactory.example.com/npm',
  '"resolved": "https://x"',
  'sk_live_51abcdefghijklmnop',
  '-----BEGIN EC PRIVATE KEY-----',
])('%s is not for strangers', (text) => {
  expect(faults(`fine\n${text}\n`)).toEqual([[2, expect.any(String)]])
})

it.each([
  'GET /v1/work/items',
  'https://example.com/home/page',
  'the folder work/x',
  'sk_test_abc',
  'sk_live_never',
  'the work/root of it',
])('%s is fine', (text) => {
  expect(faults(text)).toEqual([])
})
