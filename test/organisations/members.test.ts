/** The people of an organisation: roles changed and ended, and an owner who always stays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { persist, refusalOf } from '../support/sale-system.ts'
import {
  missingLike,
  newKey,
  type OrganisationsSystem,
  openOrganisations,
  withReason,
} from './open-organisations.ts'

let opened: OrganisationsSystem
beforeAll(async () => {
  opened = await openOrganisations()
})
afterAll(() => opened[Symbol.asyncDispose]())

const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code

async function ownersOf(organisation: string): Promise<string[]> {
  const rows = await opened.system.sql<{ person: string }>(
    "select person from memberships where organisation_id = $1 and role = 'owner' order by person",
    [organisation],
  )
  return rows.map(({ person }) => person)
}

async function staffed() {
  const organisation = await opened.newOrganisation()
  const roles = (role: 'owner' | 'manager' | 'door') => ({ [organisation]: role })
  const name = organisation.slice(-8)
  return {
    organisation,
    owner: await opened.person(`owner-${name}`, roles('owner')),
    manager: await opened.person(`manager-${name}`, roles('manager')),
    door: await opened.person(`door-${name}`, roles('door')),
  }
}

describe('members', () => {
  it('are listed page by page, each with role and version', async () => {
    const { organisation, manager } = await staffed()
    const first = await manager.api.admin.members.list.query({ organisation, limit: 2 })
    expect(first.items.map(({ role }) => role)).toEqual(['door', 'manager'])
    const cursor = first.nextCursor
    const second = await manager.api.admin.members.list.query({ organisation, limit: 2, cursor })
    expect(second.items).toMatchObject([{ role: 'owner', version: 1 }])
    expect(second.nextCursor).toBeNull()
  })

  it('get another role by an owner, at once and once', async () => {
    const { organisation, owner, door } = await staffed()
    const wish = { organisation, person: door.id, role: 'manager', version: 1 } as const
    expect(await owner.api.admin.members.setRole.mutate(wish)).toMatchObject({
      role: 'manager',
      version: 2,
    })
    expect((await door.api.admin.members.list.query({ organisation })).items).toHaveLength(3)
    expect(await codeOf(owner.api.admin.members.setRole.mutate(wish))).toBe('EDIT_CONFLICT')
  })

  it('lose what they could do as soon as they are removed', async () => {
    const { organisation, owner, manager } = await staffed()
    await manager.api.admin.members.list.query({ organisation })
    const wish = { organisation, person: manager.id, version: 1 }
    expect(await owner.api.admin.members.remove.mutate(wish)).toEqual({ removed: true })
    expect(await codeOf(manager.api.admin.members.list.query({ organisation }))).toBe('NOT_ALLOWED')
    expect(await codeOf(owner.api.admin.members.remove.mutate(wish))).toBe('NOT_FOUND')
  })

  it('of another organisation and nobody at all look alike', async () => {
    const { organisation, owner } = await staffed()
    const other = await staffed()
    const ask = (person: string) =>
      refusalOf(owner.api.admin.members.remove.mutate({ organisation, person, version: 1 }))
    expect(await ask(other.door.id)).toEqual(await ask('demo:nobody'))
    expect((await ask(other.door.id)).code).toBe('NOT_FOUND')
  })

  it('are changed by owners alone', async () => {
    const { organisation, manager, door } = await staffed()
    const wish = { organisation, person: door.id, role: 'finance', version: 1 } as const
    expect(await codeOf(manager.api.admin.members.setRole.mutate(wish))).toBe('NOT_ALLOWED')
    const removal = { organisation, person: manager.id, version: 1 }
    expect(await codeOf(door.api.admin.members.remove.mutate(removal))).toBe('NOT_ALLOWED')
    const asRoot = withReason(opened.system.url, opened.root, 'the owner called: ticket 4711')
    expect(await codeOf(opened.root.api.admin.members.setRole.mutate(wish))).toBe('REASON_NEEDED')
    expect((await asRoot.admin.members.setRole.mutate(wish)).role).toBe('finance')
  })
})

describe('the last owner', () => {
  it('neither leaves nor is removed nor becomes less', async () => {
    const { organisation, owner } = await staffed()
    const self = { organisation, person: owner.id, version: 1 }
    const { members } = owner.api.admin
    expect(await codeOf(owner.api.organisations.leave.mutate({ organisation }))).toBe('LAST_OWNER')
    expect(await codeOf(members.remove.mutate(self))).toBe('LAST_OWNER')
    expect(await codeOf(members.setRole.mutate({ ...self, role: 'manager' }))).toBe('LAST_OWNER')
    expect(await ownersOf(organisation)).toEqual([owner.id])
  })

  it('may leave once there is another', async () => {
    const { organisation, owner, manager } = await staffed()
    const wish = { organisation, person: manager.id, role: 'owner', version: 1 } as const
    await owner.api.admin.members.setRole.mutate(wish)
    expect(await owner.api.organisations.leave.mutate({ organisation })).toEqual({ left: true })
    expect(await owner.api.organisations.leave.mutate({ organisation })).toEqual({ left: true })
    expect(await ownersOf(organisation)).toEqual([manager.id])
  })

  it.each(['leave', 'remove', 'setRole'] as const)(
    'is exactly one when 20 owners %s themselves at once',
    async (how) => {
      const organisation = await opened.newOrganisation()
      const owners = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          opened.person(`${how.toLowerCase()}-${index}`, { [organisation]: 'owner' }),
        ),
      )
      const outcomes = await Promise.all(
        owners.map(({ id: person, api }) => {
          const self = { organisation, person, version: 1 }
          const calls = {
            leave: () => api.organisations.leave.mutate({ organisation }),
            remove: () => api.admin.members.remove.mutate(self),
            setRole: () => api.admin.members.setRole.mutate({ ...self, role: 'door' }),
          }
          return persist<unknown>(calls[how]).then(
            () => 'done',
            (cause: { data: { refusal: { code: string } } }) => cause.data.refusal.code,
          )
        }),
      )
      expect(await ownersOf(organisation)).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'LAST_OWNER')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(19)
    },
  )
})

describe('organisations', () => {
  it('of a person are listed with the role, and those of others are not', async () => {
    const { organisation, door } = await staffed()
    await staffed()
    expect(await door.api.organisations.mine.query({})).toEqual({
      items: [{ id: organisation, name: 'Hall Ltd', role: 'door' }],
      nextCursor: null,
    })
  })

  it('that are left by a stranger, or are missing, look alike and leave no trace', async () => {
    const { organisation } = await staffed()
    const stranger = await opened.person('stranger')
    const leave = (id: string) => stranger.api.organisations.leave.mutate({ organisation: id })
    expect(await leave(organisation)).toEqual(await leave(missingLike(organisation)))
    const rows = await opened.system.sql('select 1 from audit_entries where actor_id = $1', [
      stranger.id,
    ])
    expect(rows).toEqual([])
  })

  it('are renamed by their managers, at the version that was read', async () => {
    const { organisation, manager, door } = await staffed()
    const { organisations } = manager.api.admin
    const read = await organisations.get.query({ organisation })
    const wish = { organisation, version: read.version, name: 'Grand Hall' }
    expect(await organisations.update.mutate(wish)).toEqual({
      id: organisation,
      name: 'Grand Hall',
      version: read.version + 1,
    })
    expect(await codeOf(organisations.update.mutate(wish))).toBe('EDIT_CONFLICT')
    expect(await codeOf(door.api.admin.organisations.update.mutate(wish))).toBe('NOT_ALLOWED')
    const empty = { ...wish, version: 2, name: ' ' }
    expect(await codeOf(organisations.update.mutate(empty))).toBe('BAD_INPUT')
  })

  it('are made with a first owner, once for one key', async () => {
    const { root } = opened
    const first = await opened.person('first-owner')
    const wish = { key: newKey(), name: 'Owned', owner: { person: first.id } }
    const made = await root.api.admin.organisations.create.mutate(wish)
    expect(await root.api.admin.organisations.create.mutate(wish)).toEqual(made)
    expect(await ownersOf(made.id)).toEqual([first.id])
    const renamed = { organisation: made.id, version: 1, name: 'Renamed' }
    await first.api.admin.organisations.update.mutate(renamed)
    expect((await root.api.admin.organisations.create.mutate(wish)).name).toBe('Renamed')
  })
})
