/** Everybody who may call: what they show, and what of them counts for a rule. */
import { randomUUID } from 'node:crypto'
import { roles, type Scope, scopes } from '../../server/domain/access.ts'
import { regionCallSigner } from '../../server/gateways/region-calls/region-call-signer.ts'
import { signingKeys } from '../../server/keys.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { apiAt, type SaleSystem, tokenFor } from '../support/sale-system.ts'
import { always, type Headers, type Show } from './ask.ts'
import type { CallerFacts } from './expectation.ts'

export const regionServer = 'a server of another region'

export type Caller = {
  readonly name: string
  readonly facts: CallerFacts
  readonly show: Show
}

export type Organisations = { readonly own: string; readonly foreign: string }

const reason = { 'x-acting-reason': 'the box office called: ticket 4711' }

export async function everyCaller(
  system: Pick<SaleSystem, 'url' | 'config'>,
  { own, foreign }: Organisations,
): Promise<Caller[]> {
  const { url } = system
  const headersOf = async (who: object): Promise<Headers> => ({
    authorization: `Bearer ${await tokenFor(url, who)}`,
  })
  const bearer = async (who: object) => always(await headersOf(who))
  const staff = await Promise.all(
    roles.map(async (role) => ({
      name: role,
      facts: { kind: 'person', role, on: 'own' } as const,
      show: await bearer({ name: `matrix-${role.replace('_', '-')}`, roles: { [own]: role } }),
    })),
  )
  const admin = await headersOf({ name: 'matrix-admin', admin: true })
  return [
    { name: 'nobody', facts: { kind: 'nobody' }, show: always({}) },
    {
      name: 'fan',
      facts: { kind: 'person', role: null, on: 'own' },
      show: await bearer({ name: 'matrix-fan' }),
    },
    {
      name: 'other fan',
      facts: { kind: 'person', role: null, on: 'own' },
      show: await bearer({ name: 'matrix-other-fan' }),
    },
    ...staff,
    {
      name: 'owner of another organisation',
      facts: { kind: 'person', role: 'owner', on: 'foreign' },
      show: await bearer({ name: 'matrix-stranger', roles: { [foreign]: 'owner' } }),
    },
    {
      name: 'admin of the platform',
      facts: { kind: 'platform-admin', withReason: false },
      show: always(admin),
    },
    {
      name: 'admin of the platform with a reason',
      facts: { kind: 'platform-admin', withReason: true },
      show: always({ ...admin, ...reason }),
    },
    ...(await everyMachine(url, { own, foreign })),
    { name: regionServer, facts: { kind: 'region' }, show: await region(system) },
  ]
}

/** A key with all scopes, one for each scope alone, and one of another organisation. */
async function everyMachine(url: string, { own, foreign }: Organisations): Promise<Caller[]> {
  const makers = { own: `matrix-owner`, foreign: 'matrix-stranger' }
  const machine = async (on: 'own' | 'foreign', allowed: readonly Scope[]): Promise<Caller> => {
    const organisation = on === 'own' ? own : foreign
    const owner = { name: makers[on], roles: { [organisation]: 'owner' } }
    const made = await apiAt(url, await tokenFor(url, owner)).admin.keys.create.mutate({
      organisation,
      key: randomUUID(),
      name: 'matrix',
      scopes: [...allowed],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    })
    return {
      name: `key with ${allowed.join(' and ')} of ${on} organisation`,
      facts: { kind: 'machine', scopes: allowed, on },
      show: always({ authorization: `Bearer ${made.text}` }),
    }
  }
  const wishes = [scopes, ...scopes.map((scope) => [scope])]
  return Promise.all([...wishes.map((wish) => machine('own', wish)), machine('foreign', scopes)])
}

/** The tests' regions share one key, so that a server takes what is signed for another region. */
async function region({ config }: Pick<SaleSystem, 'config'>): Promise<Show> {
  const other = config.REGIONS.find(({ name }) => name !== config.REGION)
  if (config.REGION_CALL_KEYS === undefined || other === undefined)
    throw new Error('no other region')
  const { active } = await signingKeys('REGION_CALL_KEYS', config.REGION_CALL_KEYS)
  const ports = { clock: systemClock, random: systemRandom }
  const signer = regionCallSigner({ key: active, region: other.name, ...ports })
  return (call) => signer.headersFor({ ...call, target: config.REGION })
}
