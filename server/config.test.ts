/** Settings: all faults at once, in words; secrets from files; nothing guessed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig, settingNames } from './config.ts'

const keys = JSON.stringify({ keys: [{ kid: 'a', kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }] })
const complete = {
  REGION: 'us-east1',
  REGIONS: 'us-east1=use1,europe-west1=euw1',
  DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d',
  STRIPE_SECRET_KEY: 'sk_test_x',
  STRIPE_WEBHOOK_SECRET: 'whsec_xx',
  TICKET_KEYS: keys,
  ACCESS_SIGNING_KEYS: keys,
  ACCESS_ISSUER: 'https://issuer.example',
  HOLD_TOKEN_SECRET: 's'.repeat(32),
}

describe('the settings', () => {
  it('are read, with defaults, and frozen', () => {
    const config = readConfig(complete)
    expect(config.PORT).toBe(4000)
    expect(config.REDIS_URL).toBeUndefined()
    expect(config.REGIONS).toEqual([
      { name: 'us-east1', code: 'use1' },
      { name: 'europe-west1', code: 'euw1' },
    ])
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('name every variable that is missing, at once', () => {
    expect(() => readConfig({})).toThrow(
      /REGION: is missing[\s\S]*DATABASE_URL: is missing[\s\S]*HOLD_TOKEN_SECRET: is missing/,
    )
  })

  it.each([
    ['REGION', 'mars-north1', /REGION: must be one of REGIONS/],
    ['REGIONS', 'us-east1', /REGIONS: must be distinct pairs/],
    ['REGIONS', 'us-east1=a1,us-east1=b1', /REGIONS: must be distinct pairs/],
    ['REGIONS', 'us-east1=a1,eu-west1=a1', /REGIONS: must be distinct pairs/],
    ['PORT', '70000', /PORT: /],
    ['DATABASE_URL', 'mysql://x', /DATABASE_URL: must begin with postgres: or postgresql:/],
    ['DATABASE_STALE_URL', 'mysql://x', /DATABASE_STALE_URL: must begin with postgres: or/],
    ['DATABASE_STALE_POOL_MAX', '10', /DATABASE_STALE_POOL_MAX: is a part of DATABASE_POOL_MAX/],
    ['DATABASE_POOL_MAX', '1', /DATABASE_POOL_MAX: /],
    ['TICKET_KEYS', '{}', /TICKET_KEYS: must be a JSON Web Key Set/],
    ['HOLD_TOKEN_SECRET', 'short', /HOLD_TOKEN_SECRET: /],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL: /],
    ['SMTP_URL', 'mail.example.org', /SMTP_URL: /],
    ['OIDC_ISSUER', 'issuer.example', /OIDC_ISSUER: /],
    ['SMTP_URL', 'http://mail.example.org', /SMTP_URL: must begin with smtp: or smtps:/],
    ['SMTP_URL', 'smtp://mail.example.org?logger=true', /SMTP_URL: must be like smtps:/],
    ['SMTP_URL', 'smtp://mail.example.org', /MAIL_FROM: is missing beside SMTP_URL/],
    ['MAIL_FROM', 'us@example.org', /SMTP_URL: is missing beside MAIL_FROM/],
    ['MAIL_FROM', 'us@example.org\r\nBcc: all@example.org', /MAIL_FROM: must be an address/],
  ])('refuse %s=%s', (name, value, message) => {
    expect(() => readConfig({ ...complete, [name]: value })).toThrow(message)
  })

  const own = { ACCESS_SIGNING_KEYS: undefined, ACCESS_ISSUER: undefined }
  const oidc = { ...own, OIDC_ISSUER: 'https://id.example/', OIDC_AUDIENCE: 'tickets' }
  const shown = JSON.stringify({ keys: [{ kid: 'a', kty: 'OKP', crv: 'Ed25519', x: 'x' }] })
  const twice = JSON.stringify({ keys: [...JSON.parse(keys).keys, ...JSON.parse(keys).keys] })
  const calls = (text: string) => ({ REGION_CALL_KEYS: keys, REGION_CALL_PUBLIC_KEYS: text })

  it.each<[string, Record<string, string | undefined>]>([
    ['their own issuer', {}],
    ['public keys alone', { ACCESS_SIGNING_KEYS: undefined, ACCESS_KEYS: shown }],
    ['an outside issuer', oidc],
    ['an outside issuer on this machine', { ...oidc, OIDC_ISSUER: 'http://127.0.0.1:9/' }],
    ['calls between regions', calls(`{"us-east1":${shown},"europe-west1":${shown}}`)],
  ])('may name %s', (_, changes) => {
    expect(readConfig({ ...complete, ...changes }).REGION).toBe('us-east1')
  })

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['no place for tokens', own, /ACCESS_SIGNING_KEYS: is missing; with it access tokens are iss/],
    ['two', { ACCESS_KEYS: keys }, /ACCESS_KEYS: cannot stand beside ACCESS_SIGNING_KEYS/],
    ['an issuer beside own keys', { ...oidc, ACCESS_KEYS: keys }, /OIDC_ISSUER: cannot stand bes/],
    ['keys of nobody', { ACCESS_ISSUER: undefined }, /ACCESS_ISSUER: is missing/],
    ['no audience', { ...oidc, OIDC_AUDIENCE: undefined }, /OIDC_AUDIENCE: is missing; without/],
    ['an audience alone', { OIDC_AUDIENCE: 'x' }, /OIDC_AUDIENCE: means nothing without/],
    ['two issuers', { ...oidc, ACCESS_ISSUER: 'x' }, /ACCESS_ISSUER: cannot stand beside OIDC/],
    [
      'own tokens too',
      { ...oidc, DEVELOPMENT_ISSUER_KEYS: keys },
      /DEVELOPMENT_ISSUER_KEYS: cannot/,
    ],
    [
      'an open way',
      { ...oidc, OIDC_ISSUER: 'http://id.example' },
      /OIDC_ISSUER: must begin with h/,
    ],
    ['no address', { ...oidc, OIDC_ISSUER: 'id.example' }, /OIDC_ISSUER: /],
    ['a shared secret', { ...oidc, OIDC_ALGORITHMS: 'RS256,HS256' }, /OIDC_ALGORITHMS: must be of/],
    ['no signature', { ...oidc, OIDC_ALGORITHMS: 'none' }, /OIDC_ALGORITHMS: must be of/],
    ['one name for two keys', { TICKET_KEYS: twice }, /TICKET_KEYS: must not have two keys of one/],
    ['half of the calls', { REGION_CALL_KEYS: keys }, /REGION_CALL_PUBLIC_KEYS: is missing beside/],
    [
      'the other half',
      { REGION_CALL_PUBLIC_KEYS: `{"us-east1":${shown}}` },
      /_KEYS: is missing bes/,
    ],
    ['a stranger', calls(`{"mars-north1":${shown}}`), /mars-north1 is not one of REGIONS/],
    [
      'another key',
      calls(`{"us-east1":${shown.replace('"x":"x"', '"x":"y"')}}`),
      /publish it first/,
    ],
    ['a private key for all', calls(`{"us-east1":${keys}}`), /must hold public keys only/],
    ['no regions', calls(shown), /REGION_CALL_PUBLIC_KEYS: must be JSON of the form/],
  ])('refuse %s', (_, changes, message) => {
    expect(() => readConfig({ ...complete, ...changes })).toThrow(message)
  })

  describe('with a topology', () => {
    const region = (name: string, code: string) => ({
      name,
      code,
      public: `https://${code}.example`,
      internal: [`https://${code}.internal.example`],
      database: `postgresql://${code}.example:26257/frontrow`,
      redis: `redis://${code}.example:6379`,
      at: { latitude: 0, longitude: 0 },
    })
    const both = { regions: [region('us-east1', 'use1'), region('europe-west1', 'euw1')] }
    const alone = { regions: both.regions.slice(0, 1) }
    const called = calls(`{"us-east1":${shown},"europe-west1":${shown}}`)
    const { REGIONS: _regions, DATABASE_URL: _database, ...rest } = complete
    let folder = ''
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'frontrow-topology-'))
    })
    afterAll(() => rmSync(folder, { recursive: true }))
    const read = (document: object | string, changes: Record<string, string> = {}) => {
      const file = join(folder, 'topology.yaml')
      writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document))
      return readConfig({ ...rest, ...called, TOPOLOGY: file, ...changes })
    }

    it('take regions and addresses from it', () => {
      const config = read(both)
      expect(config.REGIONS).toEqual([
        { name: 'us-east1', code: 'use1' },
        { name: 'europe-west1', code: 'euw1' },
      ])
      expect(config.DATABASE_URL).toBe('postgresql://use1.example:26257/frontrow')
      expect(config.REDIS_URL).toBe('redis://use1.example:6379')
      expect(config.topology?.regions[1]?.publicUrl).toBe('https://euw1.example')
      expect(read(both, { REGION: 'europe-west1' }).REDIS_URL).toBe('redis://euw1.example:6379')
      expect(readConfig(complete).topology).toBeNull()
    })

    it('keep what the environment says of an address, and of the same regions', () => {
      const own = { DATABASE_URL: 'postgresql://me:x@here/d', REDIS_URL: 'redis://:x@here' }
      const config = read(both, { ...own, REGIONS: 'europe-west1=euw1,us-east1=use1' })
      expect(config).toMatchObject(own)
    })

    it('need no keys for calls when it names one region', () => {
      expect(
        read(alone, { REGION_CALL_KEYS: '', REGION_CALL_PUBLIC_KEYS: '' }).REGIONS,
      ).toHaveLength(1)
    })

    const missingKeys = { REGION_CALL_KEYS: '', REGION_CALL_PUBLIC_KEYS: '' }
    const differs = 'REGIONS: differs from the regions of TOPOLOGY; leave it out'
    const noRegion = 'TOPOLOGY: topology.yaml line 1: regions must name one region or more'
    it.each<[string, Record<string, string>, string[]]>([
      [
        'a file that is not there',
        { TOPOLOGY: 'nowhere.yaml' },
        ['TOPOLOGY: names a file that cannot be read'],
      ],
      [
        'a foreign region',
        { REGION: 'mars-north1' },
        ['REGION: must be one of the regions of TOPOLOGY'],
      ],
      ['other regions', { REGIONS: 'us-east1=use1' }, [differs]],
      ['another code', { REGIONS: 'us-east1=use1,europe-west1=eur1' }, [differs]],
      [
        'no keys for calls',
        missingKeys,
        ['REGION_CALL_KEYS: is missing, and TOPOLOGY has several regions, which call each other'],
      ],
      [
        'a region that nobody trusts',
        { REGION_CALL_PUBLIC_KEYS: `{"us-east1":${shown}}` },
        ['REGION_CALL_PUBLIC_KEYS: lacks the keys of europe-west1, a region of TOPOLOGY'],
      ],
    ])('refuse %s', (_, changes, faults) => {
      expect(complaintOf(() => read(both, changes))).toEqual(faults)
    })

    it('say the faults of its file beside their own, and nothing that it would have told', () => {
      expect(complaintOf(() => read('regions: []'))).toEqual([noRegion])
      expect(complaintOf(() => read('regions: []', { PORT: 'x', REGIONS: 'x' }))).toEqual([
        noRegion,
        'REGIONS: must be distinct pairs name=code, for example us-east1=use1,europe-west1=euw1',
        'PORT: Invalid input: expected number, received NaN',
      ])
    })

    function complaintOf(start: () => unknown): string[] {
      try {
        start()
      } catch (cause) {
        return (cause as Error).message.split('\n  ').slice(1)
      }
      return []
    }
  })

  it('never repeat a secret in their complaint', () => {
    const secret = 'sk-live-do-not-tell'
    const faulty = { ...complete, HOLD_TOKEN_SECRET: secret, TICKET_KEYS: secret, PORT: 'x' }
    let complaint = ''
    try {
      readConfig(faulty)
    } catch (cause) {
      complaint = String(cause)
    }
    expect(complaint).toMatch(/HOLD_TOKEN_SECRET/)
    expect(complaint).not.toContain(secret)
  })

  it('are all documented', () => {
    const text = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')
    expect(settingNames.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })

  it('come from files where NAME_FILE says so', () => {
    const folder = mkdtempSync(join(tmpdir(), 'frontrow-config-'))
    try {
      const file = join(folder, 'secret')
      writeFileSync(file, `${'f'.repeat(40)}\n`)
      const { HOLD_TOKEN_SECRET: _, ...rest } = complete
      const config = readConfig({ ...rest, HOLD_TOKEN_SECRET_FILE: file })
      expect(config.HOLD_TOKEN_SECRET).toBe('f'.repeat(40))
      expect(() => readConfig({ ...rest, HOLD_TOKEN_SECRET_FILE: `${file}-not` })).toThrow(
        /HOLD_TOKEN_SECRET_FILE: cannot be read/,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
