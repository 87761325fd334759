/**
 * Something to try: one organisation, two venues and three events on sale, made through the admin
 * API like any other. What is there already is left as it is, so that a start that was cut in the
 * middle is completed by the next one, and nothing is made twice.
 */
import { readFileSync } from 'node:fs'
import { type Answer, type Client, createClient } from '../../client/index.ts'
import { type DemoEvent, type DemoVenue, demoEvents, demoOrganisation } from './demo-events.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

export type Demo = {
  readonly organisation: string
  /** On sale, in the order in which they are worth trying. */
  readonly events: readonly { readonly id: string; readonly name: string }[]
}

/** Who may be asked for a token of the development issuer. */
export type DemoIdentity = {
  readonly name: string
  readonly admin?: boolean
  readonly roles?: Readonly<Record<string, string>>
}

/** @returns null when it could not be made; `log` hears why. The system works all the same. */
export async function makeDemo(url: string, log: (line: string) => void): Promise<Demo | null> {
  try {
    const root = await clientOf(url, { name: 'root', admin: true })
    const { id: organisation } = await root.admin.organisations.create.mutate(demoOrganisation)
    const organiser = { name: 'olga', roles: { [organisation]: 'owner' } }
    return await completeDemo(await clientOf(url, organiser), organisation, log)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log(`the demo data could not be made: ${reason}`)
    return null
  }
}

async function clientOf(url: string, identity: DemoIdentity): Promise<Client> {
  return createClient({ endpoints: [url], token: await demoToken(url, identity) })
}

async function demoToken(url: string, identity: DemoIdentity): Promise<string> {
  const response = await fetch(`${url}/development/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(identity),
  })
  const { token } = (await response.json()) as { token?: unknown }
  if (typeof token !== 'string') throw new Error('The development issuer gave no token.')
  return token
}

async function completeDemo(
  client: Client,
  organisation: string,
  log: (line: string) => void,
): Promise<Demo> {
  const { items } = await client.admin.events.list.query({ organisation, limit: 100 })
  const known = new Map(items.map(({ event }) => [event.name, event]))
  const events = []
  for (const plan of demoEvents) {
    const existing = known.get(plan.name)
    if (existing === undefined) log(`making demo data: ${plan.name}`)
    const event = existing ?? (await createEvent(client, organisation, plan))
    if (!isSettled(event)) await openSale(client, event, plan)
    if (event.state !== 'cancelled') events.push({ id: event.id, name: event.name })
  }
  return { organisation, events }
}

type ManagedEvent = Answer<Client['admin']['events']['create']['mutate']>

function isSettled(event: ManagedEvent): boolean {
  return event.state === 'published' || event.state === 'cancelled'
}

async function createEvent(
  client: Client,
  organisation: string,
  plan: DemoEvent,
): Promise<ManagedEvent> {
  const { key, name, description, category, inDays, limitPerBuyer, currency, fees } = plan
  const { venue, seatMapHash } = await bringVenue(client, organisation, plan.venue)
  const now = Date.now()
  const startsAt = new Date(Math.ceil(now / dayMs + inDays) * dayMs - 5 * hourMs).toISOString()
  const opensAt = new Date(now - hourMs).toISOString()
  const fields = { name, description, category, limitPerBuyer, currency, fees }
  const window = { startsAt, opensAt, closesAt: startsAt }
  return await client.admin.events.create.mutate({
    organisation,
    key,
    venue,
    seatMapHash,
    ...fields,
    ...window,
  })
}

async function bringVenue(client: Client, organisation: string, plan: DemoVenue) {
  const { key, fields, map } = plan
  const { id: venue } = await client.admin.venues.create.mutate({ organisation, key, ...fields })
  const content = readFileSync(map.file).toString('base64')
  const { hash } = await client.admin.seatMaps.import.mutate({
    organisation,
    venue,
    content,
    format: map.format,
    ...(map.name === undefined ? {} : { name: map.name }),
  })
  return { venue, seatMapHash: hash }
}

async function openSale(client: Client, event: ManagedEvent, plan: DemoEvent): Promise<void> {
  const { organisation, id, version, venue, seatMapHash: hash } = event
  if (event.state === 'draft') {
    const { sections } = await client.admin.seatMaps.get.query({ organisation, venue, hash })
    const tiers = plan.tiers.map(({ price, takes, ...tier }) => ({
      ...tier,
      sections: sections.filter(takes).map((section) => section.name),
      rules: [{ price }],
    }))
    await client.admin.events.setPrices.mutate({ organisation, event: id, version, tiers })
  }
  await client.admin.events.publish.mutate({ organisation, event: id })
}
