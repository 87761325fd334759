/** Who gives which role, and that an owner stays. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { roleCovers, roles } from './access.ts'
import { mayGrant, refuseRoleChange, roleAfterAccepting } from './membership.ts'

const anyRole = fc.constantFrom(...roles)

it('nobody gives what they have not: the platform and owners all, managers all but owner', () => {
  const granted = (granter: Parameters<typeof mayGrant>[0]) =>
    roles.filter((role) => mayGrant(granter, role))
  expect(granted('platform-admin')).toEqual(roles)
  expect(granted('owner')).toEqual(roles)
  expect(granted('manager')).toEqual(['manager', 'box_office', 'door', 'finance'])
  for (const other of ['box_office', 'door', 'finance', null] as const) {
    expect(granted(other)).toEqual([])
  }
})

it('an invitation takes nothing away', () => {
  fc.assert(
    fc.property(fc.option(anyRole), anyRole, (current, offered) => {
      const after = roleAfterAccepting(current, offered)
      expect(roleCovers(after, offered)).toBe(true)
      if (current === 'owner') expect(after).toBe('owner')
    }),
  )
})

it('only an owner who is the last one must stay', () => {
  fc.assert(
    fc.property(anyRole, fc.option(anyRole), fc.boolean(), (from, to, hasOtherOwner) => {
      const refused = refuseRoleChange({ from, to, hasOtherOwner })
      const isLast = from === 'owner' && to !== 'owner' && !hasOtherOwner
      expect(refused?.code ?? null).toBe(isLast ? 'LAST_OWNER' : null)
    }),
  )
})
