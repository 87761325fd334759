/** Things to ask for, by the type of their ids: one's own, somebody else's, and nobody's. */
import { randomUUID } from 'node:crypto'
import type { MailSink } from '../../mail-sink/sink.ts'
import type { Known } from '../garbage/valid-input.ts'
import { type Api, apiAt, type Hall, newDraft, newEvent, tokenFor } from '../support/sale-system.ts'
import { always, type Show } from './ask.ts'
import type { Target } from './expectation.ts'

export type Belonging = Known & {
  readonly hold: string
  /** As everybody sees it: on sale, a stranger's draft, or nothing. */
  readonly seenEvent: string
}

export type Belongings = Readonly<Record<Target, Belonging>> & {
  /** Whose the own things are: who buys, who has an account, who may leave, who runs the hall. */
  readonly shows: Readonly<Record<'fan' | 'member' | 'leaver' | 'owner', Show>>
}

type Both<Thing> = { readonly own: Thing; readonly foreign: Thing }

type Parts = {
  readonly url: string
  readonly letters: MailSink
  /** Of whom each buys, so that there is something to be kept from the other. */
  readonly fans: Both<Api>
  readonly halls: Both<Hall>
}

export async function makeBelongings(parts: Parts): Promise<Belongings> {
  const { fans, halls, url } = parts
  const event = await newEvent(halls.own, {})
  const other = await newEvent(halls.foreign, {})
  const draft = await newDraft(halls.foreign)
  const bought = { own: await buy(fans.own, event), foreign: await buy(fans.foreign, event) }
  const staff = {
    own: await staffOf(url, halls.own.organisation),
    foreign: await staffOf(url, halls.foreign.organisation),
  }
  const accounts = { own: await openAccount(parts), foreign: await openAccount(parts) }
  const known = (target: 'own' | 'foreign') => ({
    hold: bought[target].hold,
    seenEvent: target === 'own' ? event : draft,
    ids: {
      evt: [target === 'own' ? event : other],
      ven: [halls[target].venue],
      org: [halls[target].organisation],
      ord: [bought[target].order],
      tkt: [bought[target].ticket],
      inv: [staff[target].invitation],
      key: [staff[target].apiKey],
      ses: [accounts[target].session],
    },
    words: {
      ...inGoodFaith,
      person: [staff[target].person],
      key: [bought[target].key],
      holdToken: [bought[target].holdToken],
      seatMapHash: [halls.own.seatMapHash],
      hash: [halls[target].seatMapHash],
    },
  })
  const bearer = (token: string) => always({ authorization: `Bearer ${token}` })
  const { organisation } = halls.own
  const token = async (who: object) => bearer(await tokenFor(url, who))
  return {
    own: known('own'),
    foreign: known('foreign'),
    missing: missing(halls.own),
    shows: {
      fan: await token({ name: 'matrix-fan' }),
      member: bearer(accounts.own.accessToken),
      leaver: await token({ name: 'matrix-leaver', roles: { [organisation]: 'door' } }),
      owner: await token({ name: 'matrix-owner', roles: { [organisation]: 'owner' } }),
    },
  }
}

/** An account that is signed in twice, so that ending one device leaves the other. */
async function openAccount({ url, letters }: Parts) {
  const { accounts } = apiAt(url, 'none')
  const [email, password] = [`${randomUUID()}@example.test`, 'a bicycle made of rain']
  await accounts.signUp.mutate({ email, password, name: 'Member' })
  const { code } = await letters.next({ to: email, timeoutMs: 20_000 })
  await accounts.verifyEmail.mutate({ email, password, code: code ?? '' })
  const signIn = async () => {
    const answer = await accounts.signIn.mutate({ email, password, key: randomUUID() })
    if (answer.kind !== 'signed-in') throw new Error('no second factor was asked for')
    return answer
  }
  await signIn()
  const { accessToken } = await signIn()
  const { items } = await apiAt(url, accessToken).accounts.sessions.list.query({})
  const session = items.find(({ isCurrent }) => !isCurrent)?.id
  if (session === undefined) throw new Error('there is no other session')
  return { accessToken, session }
}

/** Fields that decide nothing about access, so that a call gets as far as the thing it names. */
const inGoodFaith: Known['words'] = {
  paymentMethod: ['pm_card_visa'],
  section: ['A'],
  format: ['csv'],
  content: [
    Buffer.from('section,row,seat,x,y,gap_after,capacity\nFloor,,,,,,60\n').toString('base64'),
  ],
  name: ['A name'],
  limit: [10],
  version: [1],
  homeRegion: ['us-east1'],
  category: ['concert'],
  description: [''],
  currency: ['EUR'],
  limitPerBuyer: [8],
  holdMinutes: [10],
  opensAt: ['2027-01-01T10:00:00Z'],
  closesAt: ['2027-05-01T10:00:00Z'],
  startsAt: ['2027-05-01T18:00:00Z'],
  fixed: [0],
  basisPoints: [0],
}

function missing(own: Hall): Belonging {
  const nobody = '01j7zzzzzzzzzzzzzzzzzzzzzz'
  return {
    hold: `ord_use1_${nobody}`,
    seenEvent: `evt_use1_${nobody}`,
    ids: {
      evt: [`evt_use1_${nobody}`],
      ven: [`ven_${nobody}`],
      org: [`org_${nobody}`],
      ord: [`ord_use1_${nobody}`],
      tkt: [`tkt_use1_${nobody}_0`],
      usr: [`usr_use1_${nobody}`],
      inv: [`inv_use1_${nobody}`],
      key: [`key_${nobody}`],
      ses: [`ses_use1_${nobody}`],
    },
    words: {
      ...inGoodFaith,
      person: ['demo:nobody-at-all'],
      key: [randomUUID()],
      holdToken: ['eyJhbGciOiJIUzI1NiJ9.e30.AAAA'],
      seatMapHash: [own.seatMapHash],
      hash: ['0'.repeat(64)],
    },
  }
}

/** A member, an invitation and a key, to be changed and taken away. */
async function staffOf(url: string, organisation: string) {
  const name = `matrix-member-${organisation.slice(-6)}`
  await tokenFor(url, { name, roles: { [organisation]: 'door' } })
  const owner = { name: 'matrix-belongings', roles: { [organisation]: 'owner' } }
  const { admin } = apiAt(url, await tokenFor(url, owner))
  const invitation = await admin.invitations.create.mutate({
    organisation,
    key: randomUUID(),
    email: 'invited@example.test',
    role: 'door',
    locale: 'en',
  })
  const made = await admin.keys.create.mutate({
    organisation,
    key: randomUUID(),
    name: 'to be revoked',
    scopes: ['catalogue:read'],
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  })
  return { person: `demo:${name}`, invitation: invitation.id, apiKey: made.apiKey.id }
}

async function buy(fan: Api, event: string) {
  const key = randomUUID()
  const seats = { kind: 'best' as const, count: 2, sections: ['A'] }
  const hold = await fan.holds.place.mutate({ event, key, seats })
  const { order } = await fan.checkout.start.mutate({ holdToken: hold.token })
  await fan.checkout.confirm.mutate({
    order: order.id,
    key: randomUUID(),
    paymentMethod: 'pm_card_visa',
  })
  const { items } = await fan.tickets.list.query({ order: order.id })
  const [ticket] = items
  if (ticket === undefined) throw new Error('no ticket was issued')
  const kept = await fan.holds.place.mutate({ event, key: randomUUID(), seats })
  return { key, order: order.id, ticket: ticket.id, hold: kept.id, holdToken: kept.token }
}
