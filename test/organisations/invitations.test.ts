/** Offers of a role by mail: one code, one person, one week; and addresses that are not kept. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../../server/domain/access.ts'
import { forgetPersonalData } from '../../server/workers/forget-personal-data.ts'
import { persist, refusalOf, region } from '../support/sale-system.ts'
import {
  missingLike,
  newKey,
  type OrganisationsSystem,
  openOrganisations,
  openServerDatabase,
  type Somebody,
  tablesWith,
} from './open-organisations.ts'

let opened: OrganisationsSystem
let organisation: string
let owner: Somebody
let manager: Somebody
beforeAll(async () => {
  opened = await openOrganisations()
  organisation = await opened.newOrganisation('Hall Ltd')
  owner = await opened.person('owner', { [organisation]: 'owner' })
  manager = await opened.person('manager', { [organisation]: 'manager' })
})
afterAll(() => opened[Symbol.asyncDispose]())

let guests = 0
const newEmail = () => `guest-${(guests += 1)}@example.org`
const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code

async function invited(role: Role = 'door', by: Somebody = owner) {
  const email = newEmail()
  const wish = { organisation, email, role, key: newKey() }
  const invitation = await by.api.admin.invitations.create.mutate(wish)
  return { email, wish, invitation, code: await opened.codeFor(email) }
}

const roleOf = async (who: Somebody) =>
  (await who.api.organisations.mine.query({})).items.find(({ id }) => id === organisation)?.role

describe('an invitation', () => {
  it('makes whoever knows its code a member, and lets them in at once', async () => {
    const { code } = await invited('manager')
    const guest = await opened.person('guest-manager')
    expect(await codeOf(guest.api.admin.members.list.query({ organisation }))).toBe('NOT_ALLOWED')
    const answer = { organisation: { id: organisation, name: 'Hall Ltd' }, role: 'manager' }
    expect(await guest.api.invitations.accept.mutate({ code })).toEqual(answer)
    expect((await guest.api.admin.members.list.query({ organisation })).items).not.toEqual([])
    expect(await guest.api.invitations.accept.mutate({ code })).toEqual(answer)
  })

  it('is used up by one person, however many try at once', async () => {
    const { code } = await invited()
    const guests20 = await Promise.all(
      Array.from({ length: 20 }, (_, index) => opened.person(`rival-${index}`)),
    )
    const outcomes = await Promise.all(
      guests20.map(({ api }) =>
        persist(() => api.invitations.accept.mutate({ code })).then(
          () => 'in',
          (cause: { data: { refusal: { code: string } } }) => cause.data.refusal.code,
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'INVITATION_ENDED')).toHaveLength(19)
    const members = await opened.system.sql(
      "select 1 from memberships where organisation_id = $1 and person like 'demo:rival-%'",
      [organisation],
    )
    expect(members).toHaveLength(1)
  })

  it('does not bring back whoever left', async () => {
    const { code } = await invited()
    const guest = await opened.person('guest-leaver')
    await guest.api.invitations.accept.mutate({ code })
    await guest.api.organisations.leave.mutate({ organisation })
    expect(await codeOf(guest.api.invitations.accept.mutate({ code }))).toBe('INVITATION_ENDED')
    expect(await roleOf(guest)).toBeUndefined()
  })

  it('sent twice is one, with one letter, from whatever region', async () => {
    const { email, wish, invitation } = await invited()
    const { admin } = owner.api
    expect(await admin.invitations.create.mutate(wish)).toEqual(invitation)
    const other = { ...wish, role: 'finance' } as const
    expect(await codeOf(admin.invitations.create.mutate(other))).toBe('KEY_REUSED')
    const [away] = await opened.system.sql<{ id: string }>(
      `insert into invitations select 'europe-west1', replace(id, '_use1_', '_euw1_'),
         organisation_id, role, email, locale, code_hash, state, invited_by, accepted_by,
         created_at, expires_at, version from invitations where id = $1 returning id`,
      [invitation.id],
    )
    await opened.system.sql('delete from invitations where id = $1', [invitation.id])
    expect((await admin.invitations.create.mutate(wish)).id).toBe(away?.id)
    expect(opened.sink.mails({ to: email })).toHaveLength(1)
  })

  it('takes nothing away from somebody who may do more', async () => {
    const { code } = await invited('door')
    await manager.api.invitations.accept.mutate({ code })
    expect(await roleOf(manager)).toBe('manager')
  })

  it('ends with the week', async () => {
    const { code, invitation } = await invited()
    await opened.system.sql(
      "update invitations set expires_at = now() - interval '1 second' where id = $1",
      [invitation.id],
    )
    const guest = await opened.person('guest-late')
    expect(await codeOf(guest.api.invitations.accept.mutate({ code }))).toBe('INVITATION_ENDED')
    const resend = { organisation, invitation: invitation.id, version: 1 }
    expect(await codeOf(owner.api.admin.invitations.resend.mutate(resend))).toBe('INVITATION_ENDED')
  })

  it('ends when it is withdrawn, which may be said twice', async () => {
    const { code, invitation } = await invited()
    const wish = { organisation, invitation: invitation.id }
    const withdrawn = await owner.api.admin.invitations.withdraw.mutate(wish)
    expect(withdrawn).toMatchObject({ state: 'withdrawn', email: null })
    expect(await owner.api.admin.invitations.withdraw.mutate(wish)).toEqual(withdrawn)
    const guest = await opened.person('guest-unwanted')
    expect(await codeOf(guest.api.invitations.accept.mutate({ code }))).toBe('INVITATION_ENDED')
  })

  it('cannot be withdrawn once it was accepted', async () => {
    const { code, invitation } = await invited()
    await (await opened.person('guest-fast')).api.invitations.accept.mutate({ code })
    const wish = { organisation, invitation: invitation.id }
    expect(await codeOf(owner.api.admin.invitations.withdraw.mutate(wish))).toBe('INVITATION_ENDED')
  })

  it('sent again has another code, and the first one is nothing any more', async () => {
    const { code, email, invitation } = await invited()
    const wish = { organisation, invitation: invitation.id, version: invitation.version }
    await owner.api.admin.invitations.resend.mutate(wish)
    const next = await opened.codeFor(email)
    expect(await codeOf(owner.api.admin.invitations.resend.mutate(wish))).toBe('EDIT_CONFLICT')
    expect(opened.sink.mails({ to: email })).toHaveLength(2)
    const guest = await opened.person('guest-again')
    expect(await codeOf(guest.api.invitations.accept.mutate({ code }))).toBe('CODE_WRONG')
    expect((await guest.api.invitations.accept.mutate({ code: next })).role).toBe('door')
  })

  it('of somebody who may not give that role any more opens nothing', async () => {
    const owner2 = await opened.person('owner-2', { [organisation]: 'owner' })
    const { code } = await invited('owner', owner2)
    const removal = { organisation, person: owner2.id, version: 1 }
    await owner.api.admin.members.remove.mutate(removal)
    const backdoor = await opened.person('guest-backdoor')
    expect(await codeOf(backdoor.api.invitations.accept.mutate({ code }))).toBe('INVITATION_ENDED')
    expect(await roleOf(backdoor)).toBeUndefined()
  })

  it('to the first owner goes out with the organisation, once', async () => {
    const email = newEmail()
    const wish = { key: newKey(), name: 'New House', owner: { email } }
    const made = await opened.root.api.admin.organisations.create.mutate(wish)
    expect(await opened.root.api.admin.organisations.create.mutate(wish)).toEqual(made)
    const guest = await opened.person('guest-owner')
    const code = await opened.codeFor(email)
    expect(await guest.api.invitations.accept.mutate({ code })).toEqual({
      organisation: { id: made.id, name: 'New House' },
      role: 'owner',
    })
    expect(opened.sink.mails({ to: email })).toHaveLength(1)
  })

  it('goes out whatever name was taken, and no name is taken that it cannot show', async () => {
    const { create } = opened.root.api.admin.organisations
    const wishFor = (name: string, email: string) => ({ key: newKey(), name, owner: { email } })
    for (const name of ['!!!', '…?', '(', '٣', '🎭']) {
      const email = newEmail()
      await create.mutate(wishFor(name, email))
      expect(await opened.codeFor(email)).not.toBe('')
    }
    for (const name of ['\u200d', '\u0301', '\u3164', '\u2800']) {
      const refused = await refusalOf(create.mutate(wishFor(name, newEmail())))
      const faults = [{ field: 'name', message: 'must have something to read' }]
      expect(refused).toMatchObject({ code: 'BAD_INPUT', details: { faults } })
    }
  })
})

describe('managers', () => {
  it('invite to every role but owner', async () => {
    for (const role of ['manager', 'box_office', 'door', 'finance'] as const) {
      expect((await invited(role, manager)).invitation.role).toBe(role)
    }
    const wish = { organisation, email: newEmail(), role: 'owner', key: newKey() } as const
    expect(await codeOf(manager.api.admin.invitations.create.mutate(wish))).toBe('NOT_ALLOWED')
    expect(opened.sink.mails({ to: wish.email })).toHaveLength(0)
  })

  it('neither send again nor withdraw the invitation of an owner', async () => {
    const { invitation } = await invited('owner')
    const wish = { organisation, invitation: invitation.id }
    const { invitations } = manager.api.admin
    expect(await codeOf(invitations.withdraw.mutate(wish))).toBe('NOT_ALLOWED')
    expect(await codeOf(invitations.resend.mutate({ ...wish, version: 1 }))).toBe('NOT_ALLOWED')
  })
})

describe('codes and ids', () => {
  it('that are wrong look alike, whatever is wrong about them', async () => {
    const { code } = await invited()
    const guest = await opened.person('guesser')
    const ask = (wrong: string) => refusalOf(guest.api.invitations.accept.mutate({ code: wrong }))
    const first = await ask(missingLike(code))
    expect(first.code).toBe('CODE_WRONG')
    const elsewhere = code.replace('use1', 'euw1')
    for (const wrong of [elsewhere, code.replace('use1', 'nope'), 'x', `${code} `, '\0', '🦊']) {
      expect(await ask(wrong)).toEqual(first)
    }
  })

  it('of another organisation look like those of nobody', async () => {
    const other = await opened.newOrganisation()
    const stranger = await opened.person('stranger', { [other]: 'owner' })
    const { invitation } = await invited()
    const ask = (id: string) =>
      refusalOf(
        stranger.api.admin.invitations.withdraw.mutate({ organisation: other, invitation: id }),
      )
    expect((await ask(invitation.id)).code).toBe('NOT_FOUND')
    expect(await ask(invitation.id)).toEqual(await ask(missingLike(invitation.id)))
  })

  it('are listed with their state, in pages', async () => {
    const house = await opened.newOrganisation()
    const boss = await opened.person('boss', { [house]: 'owner' })
    const { invitations } = boss.api.admin
    const wish = (email: string) =>
      ({ organisation: house, email, role: 'door', key: newKey() }) as const
    for (const name of ['a', 'b', 'c']) await invitations.create.mutate(wish(`${name}@example.org`))
    const first = await invitations.list.query({ organisation: house, limit: 2 })
    const cursor = first.nextCursor
    const second = await invitations.list.query({ organisation: house, limit: 2, cursor })
    const all = [...first.items, ...second.items]
    expect(new Set(all.map(({ email }) => email))).toEqual(
      new Set(['a', 'b', 'c'].map((name) => `${name}@example.org`)),
    )
    expect(all).toHaveLength(3)
    expect(all.every(({ state }) => state === 'open')).toBe(true)
  })

  it.each(['no address', 'a@b@c', 'ann@example.org\r\nBcc: bob@example.org', '', 'ann@', '@x.org'])(
    'an address like %j is refused',
    async (email) => {
      const wish = { organisation, email, role: 'door', key: newKey() } as const
      expect(await codeOf(owner.api.admin.invitations.create.mutate(wish))).toBe('BAD_INPUT')
    },
  )
})

describe('an address', () => {
  it('is in its invitation alone, and only until that has ended; the code is nowhere', async () => {
    const email = 'canary.person@canary-domain.example'
    const wish = { organisation, email, role: 'door', key: newKey() } as const
    const { id } = await owner.api.admin.invitations.create.mutate(wish)
    const code = await opened.codeFor(email)
    expect(await tablesWith(opened.system, 'canary.person')).toEqual(['invitations'])
    expect(await tablesWith(opened.system, code)).toEqual([])
    await (await opened.person('canary-guest')).api.invitations.accept.mutate({ code })
    expect(await tablesWith(opened.system, 'canary.person')).toEqual([])
    expect(await tablesWith(opened.system, code)).toEqual([])
    const [kept] = await opened.system.sql<{ code_hash: string }>(
      'select code_hash from invitations where id = $1',
      [id],
    )
    expect(kept?.code_hash).toBe(createHash('sha256').update(code).digest('hex'))
  })

  it('is emptied once its invitation has run out', async () => {
    const { email, invitation } = await invited()
    await opened.system.sql(
      "update invitations set expires_at = now() - interval '1 second' where id = $1",
      [invitation.id],
    )
    await using db = openServerDatabase(opened.system.databaseUrl)
    await forgetPersonalData({ db }, region)
    expect(await tablesWith(opened.system, email)).toEqual([])
    expect(await forgetPersonalData({ db }, region)).toEqual({ handled: 0, more: false })
  })
})
