/** Things to ask for, by the type of their ids: one's own, somebody else's, and nobody's. */
import { randomUUID } from 'node:crypto'
import type { Known } from '../garbage/valid-input.ts'
import { type Api, apiAt, type Hall, newEvent, tokenFor } from '../support/sale-system.ts'
import type { Target } from './expectation.ts'

export type Belongings = Readonly<Record<Target, Known & { readonly hold: string }>>

type Both<Thing> = { readonly own: Thing; readonly foreign: Thing }

/** @param parts.fans of whom each buys, so that there is something to be kept from the other */
export async function makeBelongings(parts: {
  readonly url: string
  readonly fans: Both<Api>
  readonly halls: Both<Hall>
}): Promise<Belongings> {
  const { fans, halls, url } = parts
  const event = await newEvent(halls.own, {})
  const other = await newEvent(halls.foreign, {})
  const bought = { own: await buy(fans.own, event), foreign: await buy(fans.foreign, event) }
  const staff = {
    own: await staffOf(url, halls.own.organisation),
    foreign: await staffOf(url, halls.foreign.organisation),
  }
  const known = (target: 'own' | 'foreign') => ({
    hold: bought[target].hold,
    ids: {
      evt: [target === 'own' ? event : other],
      ven: [halls[target].venue],
      org: [halls.own.organisation],
      ord: [bought[target].order],
      tkt: [bought[target].ticket],
      inv: [staff[target].invitation],
      key: [staff[target].apiKey],
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
  return { own: known('own'), foreign: known('foreign'), missing: missing(halls.own) }
}

/** Fields that decide nothing about access, so that a call gets as far as the thing it names. */
const inGoodFaith: Known['words'] = {
  paymentMethod: ['pm_card_visa'],
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

function missing(own: Hall) {
  const nobody = '01j7zzzzzzzzzzzzzzzzzzzzzz'
  return {
    hold: `ord_use1_${nobody}`,
    ids: {
      evt: [`evt_use1_${nobody}`],
      ven: [`ven_${nobody}`],
      org: [own.organisation],
      ord: [`ord_use1_${nobody}`],
      tkt: [`tkt_use1_${nobody}_0`],
      usr: [`usr_use1_${nobody}`],
      inv: [`inv_use1_${nobody}`],
      key: [`key_${nobody}`],
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
