import { describe, expect, it } from 'vitest'
import { smtpOptions } from './smtp-options.ts'

describe('the address of a mail server', () => {
  it.each([
    ['smtp://mail.example.org', { host: 'mail.example.org', port: 587, secure: false }],
    ['smtps://mail.example.org', { port: 465, secure: true }],
    ['smtps://mail.example.org:2465/', { port: 2465, secure: true }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, requireTLS: false }],
    [
      'smtps://ann%40example.org:p%3Aw@h.example',
      { auth: { user: 'ann@example.org', pass: 'p:w' } },
    ],
  ])('%s is read', (url, options) => {
    expect(smtpOptions(url)).toMatchObject(options)
  })

  it.each([
    ['smtp://user:password@mail.example.org', true],
    ['smtp://user:password@localhost.example.org', true],
    ['smtp://user:password@127.0.0.1:2525', false],
    ['smtp://mail.example.org', false],
  ])('%s sends its password in the clear to nobody else', (url, requireTLS) => {
    expect(smtpOptions(url).requireTLS).toBe(requireTLS)
  })

  it('bounds every wait, and leaves retries to us', () => {
    const { connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout, maxRequeues } =
      smtpOptions('smtp://mail.example.org')
    for (const ms of [connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout]) {
      expect(ms).toBeLessThanOrEqual(30_000)
      expect(ms).toBeGreaterThan(0)
    }
    expect(maxRequeues).toBe(0)
  })
})
