import { describe, expect, it } from 'vitest'
import { readOutsideSettings } from './outside-settings.ts'
import { StartError } from './start-error.ts'

describe('what the environment offers', () => {
  it('is nothing, by default and when empty', () => {
    const nothing = { databaseUrl: null, redisUrl: null, stripe: false }
    expect(readOutsideSettings({})).toEqual(nothing)
    expect(readOutsideSettings({ DATABASE_URL: '', STRIPE_SECRET_KEY: '' })).toEqual(nothing)
  })

  it('is taken part by part', () => {
    const found = readOutsideSettings({ REDIS_URL: 'redis://one' })
    expect(found).toEqual({ databaseUrl: null, redisUrl: 'redis://one', stripe: false })
  })

  it('names a file that cannot be read', () => {
    const environment = { DATABASE_URL_FILE: 'there/is/no/such/file' }
    expect(() => readOutsideSettings(environment)).toThrow(/^DATABASE_URL_FILE names there/)
  })

  it.each([
    [{ STRIPE_SECRET_KEY: 'sk_test_1' }],
    [{ STRIPE_WEBHOOK_SECRET: 'whsec_1' }],
    [{ STRIPE_API_URL: 'http://stripe.example' }],
  ])("refuses half of Stripe's settings: %j", (environment) => {
    expect(() => readOutsideSettings(environment)).toThrow(StartError)
  })
})
