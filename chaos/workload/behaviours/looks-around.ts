/** Looks at what is free, all over and in one section, and at the own orders; buys nothing. */
import type { Visit } from '../visit.ts'

const thinkMsMax = 500
const looksMax = 3

export async function looksAround({ fan, event, hall, chance, think }: Visit): Promise<void> {
  await fan.availability({ event: event.id })
  const sections = [...hall.seated, ...hall.standing]
  for (let looks = 0; looks < looksMax; looks += 1) {
    await think(thinkMsMax)
    const section = sections[chance.below(sections.length)]?.name
    if (section !== undefined) await fan.availability({ event: event.id, section })
  }
  await fan.orders()
}
