/** An address that a colleague recognises and a stranger does not. */
import { expect, it } from 'vitest'
import { maskedEmail } from './masked-email.ts'

it.each([
  ['olga@example.org', 'o…@example.org'],
  ['ö@bühne.example', 'ö…@bühne.example'],
  ['"a@b"@example.org', '"…@example.org'],
  ['@example.org', '…'],
  ['no address', '…'],
  ['', '…'],
])('%s is shown as %s', (email, masked) => {
  expect(maskedEmail(email)).toBe(masked)
})
