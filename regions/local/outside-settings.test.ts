import { describe, expect, it } from 'vitest'
import { readOutsideSettings } from './outside-settings.ts'
import { StartError } from './start-error.ts'

const none = { databaseUrl: null, redisUrl: null, stripe: false, smtp: false, mailFrom: false }

describe('what the environment offers', () => {
  it('is nothing, by default and when empty', () => {
    expect(readOutsideSettings({})).toEqual(none)
    expect(readOutsideSettings({ DATABASE_URL: '', STRIPE_SECRET_KEY: '' })).toEqual(none)
  })

  it('is taken part by part', () => {
    const found = readOutsideSettings({ REDIS_URL: 'redis://one' })
    expect(found).toEqual({ ...none, redisUrl: 'redis://one' })
  })

  it('names a file that cannot be read', () => {
    const environment = { DATABASE_URL_FILE: 'there/is/no/such/file' }
    expect(() => readOutsideSettings(environment)).toThrow(/^DATABASE_URL_FILE names there/)
  })

  it('is a mail server with its sender, or a sender alone', () => {
    const sender = { MAIL_FROM: 'us@example.org' }
    const server = { SMTP_URL: 'smtp://mail.example.org' }
    expect(readOutsideSettings(sender)).toEqual({ ...none, mailFrom: true })
    expect(readOutsideSettings({ ...sender, ...server })).toMatchObject({ smtp: true })
    expect(() => readOutsideSettings(server)).toThrow(/MAIL_FROM must be too/)
  })

  it.each([
    [{ STRIPE_SECRET_KEY: 'sk_test_1' }],
    [{ STRIPE_WEBHOOK_SECRET: 'whsec_1' }],
    [{ STRIPE_API_URL: 'http://stripe.example' }],
  ])("refuses half of Stripe's settings: %j", (environment) => {
    expect(() => readOutsideSettings(environment)).toThrow(StartError)
  })
})
