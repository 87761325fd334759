/** Everybody who may call: what they show, and what of them counts for a rule. */
import { roles } from '../../server/domain/access.ts'
import { type SaleSystem, tokenFor } from '../support/sale-system.ts'
import type { Headers } from './ask.ts'
import type { CallerFacts } from './expectation.ts'

export type Caller = {
  readonly name: string
  readonly facts: CallerFacts
  readonly headers: Headers
}

export type Organisations = { readonly own: string; readonly foreign: string }

const reason = { 'x-acting-reason': 'the box office called: ticket 4711' }

export async function everyCaller(
  { url }: Pick<SaleSystem, 'url'>,
  { own, foreign }: Organisations,
): Promise<Caller[]> {
  const bearer = async (who: object): Promise<Headers> => ({
    authorization: `Bearer ${await tokenFor(url, who)}`,
  })
  const staff = await Promise.all(
    roles.map(async (role) => ({
      name: role,
      facts: { kind: 'person', role, on: 'own' } as const,
      headers: await bearer({ name: `matrix-${role.replace('_', '-')}`, roles: { [own]: role } }),
    })),
  )
  const admin = await bearer({ name: 'matrix-admin', admin: true })
  return [
    { name: 'nobody', facts: { kind: 'nobody' }, headers: {} },
    {
      name: 'fan',
      facts: { kind: 'person', role: null, on: 'own' },
      headers: await bearer({ name: 'matrix-fan' }),
    },
    {
      name: 'other fan',
      facts: { kind: 'person', role: null, on: 'own' },
      headers: await bearer({ name: 'matrix-other-fan' }),
    },
    ...staff,
    {
      name: 'owner of another organisation',
      facts: { kind: 'person', role: 'owner', on: 'foreign' },
      headers: await bearer({ name: 'matrix-stranger', roles: { [foreign]: 'owner' } }),
    },
    {
      name: 'admin of the platform',
      facts: { kind: 'platform-admin', withReason: false },
      headers: admin,
    },
    {
      name: 'admin of the platform with a reason',
      facts: { kind: 'platform-admin', withReason: true },
      headers: { ...admin, ...reason },
    },
  ]
}
