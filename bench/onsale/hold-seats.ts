/** From the first look at the event to held seats, choosing again while others are faster. */
import { FrontrowError } from '../../client/index.ts'
import type { Fan, Hold } from './fan.ts'
import { frontFirst, pickUnits } from './pick-units.ts'
import { sendAsFated } from './send-manners.ts'

/** A fan who has come too late so often leaves. */
const choicesMax = 6

type Seats = Parameters<Fan['client']['holds']['place']['mutate']>[0]['seats']

/** What says "choose others", and not "something is wrong". */
const chooseAgain: ReadonlySet<string> = new Set(['SEATS_TAKEN', 'SOLD_OUT', 'NOT_TOGETHER'])

/** @returns the hold with its key, or null when the fan found nothing. */
export async function holdSeats(fan: Fan): Promise<{ key: string; hold: Hold } | null> {
  const { calls, client, event, plan } = fan
  await calls.call('browse', () => client.events.get.query({ event: event.id }))
  for (let choice = 0; choice < choicesMax; choice += 1) {
    const seats = await chooseSeats(fan, choice)
    if (seats === null) continue
    await calls.pause(plan.thinkMs)
    const key = client.newKey()
    const hold = await place(fan, { key, seats })
    if (hold !== null) return { key, hold }
  }
  return null
}

async function place(fan: Fan, wish: { key: string; seats: Seats }): Promise<Hold | null> {
  const { client, event } = fan
  try {
    return await sendAsFated(fan, {
      step: 'hold',
      send: (options) => client.holds.place.mutate({ event: event.id, ...wish }, options),
      gist: ({ id, total, lines }) => `${id} ${total} ${lines.map(({ unit }) => unit).join(',')}`,
    })
  } catch (cause) {
    if (cause instanceof FrontrowError && chooseAgain.has(cause.code)) return null
    throw cause
  }
}

/** Later choices are more modest. Null: nothing fits where the fan looked. */
async function chooseSeats(fan: Fan, choice: number): Promise<Seats | null> {
  const { plan, chance, event } = fan
  const count = Math.max(1, plan.count - choice)
  switch (plan.wish) {
    case 'units': {
      const section = await look(fan, event.seated[frontFirst(event.seated.length, chance)])
      const units = section === undefined ? null : pickUnits(section, count, chance)
      return units === null ? null : { kind: 'units', units }
    }
    case 'best': {
      const tier = event.tiers[chance.below(event.tiers.length)] ?? []
      await look(fan, tier[chance.below(tier.length)])
      const isOpenToAll = choice > 0 || chance.fraction() < 0.5
      return isOpenToAll ? { kind: 'best', count } : { kind: 'best', count, sections: [...tier] }
    }
    default: {
      const [front] = event.standing
      await look(fan, front)
      const wantsFront = choice === 0 && front !== undefined && chance.fraction() < 0.5
      const rest = { kind: 'standing', count } as const
      return wantsFront ? { ...rest, sections: [front] } : rest
    }
  }
}

async function look({ calls, client, event }: Fan, section: string | undefined) {
  if (section === undefined) return undefined
  const { sections } = await calls.call('availability', () =>
    client.events.availability.query({ event: event.id, section }),
  )
  return sections[0]
}
