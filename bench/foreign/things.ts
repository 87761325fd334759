/**
 * Things of somebody, made as anybody would make them, and how a stranger asks for each: a fan for
 * what is another fan's, an owner of one organisation for what is another's.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { createClient } from '../../client/index.ts'
import { fetchToken } from '../onsale/identities.ts'
import { publishArena } from '../onsale/publish-arena.ts'

export type Asked = {
  readonly path: string
  readonly type: 'query' | 'mutation'
  /** Tokens live for minutes: fetched before each procedure. */
  readonly token: () => Promise<string>
  readonly foreign: object
  /** Of one thing, too: what is remembered of an id that was asked for must not decide. */
  readonly missing: object
  /** The status of both. */
  readonly status: number
}

type Ground = { readonly url: string; readonly mailUrl: string }
type Client = ReturnType<typeof createClient>

export async function makeThings({ url, mailUrl }: Ground): Promise<readonly Asked[]> {
  const tokenOf = (name: string, more: object = {}) => fetchToken(url, { name, ...more })
  const clientOf = async (name: string, more: object = {}) =>
    createClient({ endpoints: [url], token: await tokenOf(name, more) })
  const { admin } = await clientOf('root', { admin: true })
  const newOrganisation = async (name: string) =>
    (await admin.organisations.create.mutate({ key: randomUUID(), name })).id
  const [own, other] = [await newOrganisation('Own'), await newOrganisation('Other')]
  const owner = await clientOf('other-owner', { roles: { [other]: 'owner' } })
  await tokenOf('other-member', { roles: { [other]: 'door' } })
  const event = await publishArena(owner, other)
  const bought = await buy(await clientOf('fan'), event.id)
  return [
    ...ofFans(() => tokenOf('stranger'), { event: event.id, ...bought }),
    ...ofOrganisations(() => tokenOf('owner', { roles: { [own]: 'owner' } }), own, {
      organisation: other,
      member: 'demo:other-member',
      ...(await staffOf(owner, other, event.id)),
    }),
    ...(await ofAccounts({ url, mailUrl })),
  ]
}

async function buy(fan: Client, event: string) {
  const seats = { kind: 'standing', count: 2 } as const
  const key = fan.newKey()
  const { order } = await fan.buy({ key, event, seats, paymentMethod: 'pm_card_visa' })
  const { items } = await fan.tickets.list.query({ order: order.id })
  const hold = await fan.holds.place.mutate({ event, key: fan.newKey(), seats })
  return { order: order.id, ticket: items[0]?.id ?? '', hold: hold.id, key }
}

/** A draft, and what only its organisation works with. */
async function staffOf({ admin }: Client, organisation: string, event: string) {
  const { event: sold } = await admin.events.get.query({ organisation, event })
  const { venue, seatMapHash } = sold
  const draft = await admin.events.create.mutate({
    organisation,
    venue,
    seatMapHash,
    name: 'A draft',
    description: '',
    category: 'concert',
    opensAt: inDays(1),
    closesAt: inDays(2),
    startsAt: inDays(2),
    limitPerBuyer: 8,
    currency: 'USD',
  })
  const email = 'invited@example.org'
  const made = { organisation, key: randomUUID() }
  const invitation = await admin.invitations.create.mutate({ ...made, email, role: 'door' })
  const { apiKey } = await admin.keys.create.mutate({
    ...made,
    name: 'A program',
    scopes: ['catalogue:read'],
    expiresAt: inDays(30),
  })
  return { event: draft.id, venue, hash: seatMapHash, invitation: invitation.id, apiKey: apiKey.id }
}

function ofFans(
  token: Asked['token'],
  { event, order, ticket, hold, key }: Readonly<Record<'event' | Bought, string>>,
): Asked[] {
  const query = queriesOf(token)
  return [
    query('orders.get', { order }, { order: like(order) }),
    query('orders.getByKey', { event, key }, { event, key: randomUUID() }),
    query('tickets.get', { ticket }, { ticket: like(ticket) }),
    query('holds.get', { event, hold }, { event, hold: like(hold) }),
  ]
}

type Bought = 'order' | 'ticket' | 'hold' | 'key'
type Staff = 'organisation' | 'event' | 'venue' | 'hash' | 'invitation' | 'apiKey' | 'member'

function ofOrganisations(
  token: Asked['token'],
  organisation: string,
  other: Readonly<Record<Staff, string>>,
): Asked[] {
  const { event, venue, hash, invitation, apiKey, member: person } = other
  const [query, mutation] = [queriesOf(token), mutationsOf(token)]
  const own = { organisation }
  const versioned = { organisation, version: 1 }
  const map = { organisation, hash }
  const change = { ...versioned, changes: {} }
  const { organisation: foreign } = other
  const gate = { organisation: like(foreign) }
  const [noEvent, noVenue, noPerson] = [like(event), like(venue), like(person)]
  const [noInvitation, noKey] = [like(invitation), like(apiKey)]
  return [
    // The gate itself: whether there is such an organisation at all.
    { ...query('admin.members.list', { organisation: foreign }, gate), status: 403 },
    query('events.get', { event }, { event: noEvent }),
    query('admin.events.get', { ...own, event }, { ...own, event: noEvent }),
    mutation('admin.events.publish', { ...own, event }, { ...own, event: noEvent }),
    query('admin.seatMaps.get', { ...map, venue }, { ...map, venue: noVenue }),
    mutation('admin.venues.update', { ...change, venue }, { ...change, venue: noVenue }),
    mutation(
      'admin.invitations.withdraw',
      { ...own, invitation },
      { ...own, invitation: noInvitation },
    ),
    mutation('admin.keys.revoke', { ...own, apiKey }, { ...own, apiKey: noKey }),
    mutation('admin.members.remove', { ...versioned, person }, { ...versioned, person: noPerson }),
  ]
}

async function ofAccounts(ground: Ground): Promise<Asked[]> {
  const [one, other] = [await signUp(ground, 'one'), await signUp(ground, 'other')]
  const { items } = await createClient({
    endpoints: [ground.url],
    token: await other(),
  }).accounts.sessions.list.query({})
  const session = items[0]?.id ?? ''
  const mutation = mutationsOf(one)
  return [mutation('accounts.sessions.end', { session }, { session: like(session) })]
}

/** @returns signs in, for an access token */
async function signUp({ url, mailUrl }: Ground, name: string): Promise<Asked['token']> {
  const { accounts, newKey } = createClient({ endpoints: [url] })
  const email = `${name}.${randomUUID()}@example.org`
  const password = 'a bicycle made of rain'
  await accounts.signUp.mutate({ email, password, name })
  await accounts.verifyEmail.mutate({ email, password, code: await codeFor(mailUrl, email) })
  return async () => {
    const answer = await accounts.signIn.mutate({ email, password, key: newKey() })
    if (answer.kind !== 'signed-in') throw new Error('no second factor was asked for')
    return answer.accessToken
  }
}

async function codeFor(mailUrl: string, to: string): Promise<string> {
  const address = new URL('/api/mails/latest', mailUrl)
  address.searchParams.set('to', to)
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(address)
    const mail = answer.ok ? ((await answer.json()) as { code?: unknown }) : {}
    if (typeof mail.code === 'string') return mail.code
    await new Promise((resolve) => void setTimeout(resolve, 50))
  }
  throw new Error('the letter with the code did not come')
}

const queriesOf = (token: Asked['token']) => askedBy(token, 'query')
const mutationsOf = (token: Asked['token']) => askedBy(token, 'mutation')

const askedBy =
  (token: Asked['token'], type: Asked['type']) =>
  (path: string, foreign: object, missing: object): Asked => ({
    path,
    type,
    token,
    foreign,
    missing,
    status: 404,
  })

/** The same beginning and length, and eight other characters that no id has by chance. */
function like(id: string): string {
  const [, head = '', tail = ''] = /^(.*?)((?:_\d+)?)$/.exec(id) ?? []
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  const made = Array.from({ length: 8 }, () => letters[randomInt(32)]).join('')
  return `${head.slice(0, -8)}${made}${tail}`
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString()
}
