/**
 * What a call says of a thing that is one's own, somebody else's, or nobody's: the first is found,
 * and between the other two nobody can tell.
 */
import fc from 'fast-check'
import { z } from 'zod'
import { idPatterns } from '../../server/platform/ids.ts'
import { validInput } from '../garbage/valid-input.ts'
import { type Answer, ask, type Show } from './ask.ts'
import type { Belongings } from './belongings.ts'
import { accessRefusals, type Target } from './expectation.ts'
import type { Procedure } from './procedures.ts'

export type Asking = {
  readonly url: string
  readonly show: Show
  readonly belongings: Belongings
  /** Everything else of an input is drawn by it. */
  readonly seed: number
}

/** Things that a call names by field; what everybody may see (events on sale) is nobody's alone. */
export function namesAThing({ rule, input }: Procedure): boolean {
  const fields = Object.keys(input.shape)
  const things = rule.kind === 'role' ? ownedByOrganisations : ownedByPersons
  return ['role', 'owner'].includes(rule.kind) && fields.some((field) => things.includes(field))
}

/** Fields that hold an id of which the matrix does not know whose it is: it must be taught. */
export function unknownThings({ path, rule, input }: Procedure): string[] {
  if (!['role', 'owner'].includes(rule.kind)) return []
  const known = ['organisation', ...ownedByOrganisations, ...ownedByPersons]
  const ids = Object.entries(input.shape).filter(([, schema]) => isId(schema as z.ZodType))
  return ids.flatMap(([field]) => (known.includes(field) ? [] : [`${path}: ${field}`]))
}

function isId(schema: z.ZodType): boolean {
  const { pattern } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.values(idPatterns).some(({ source }) => source === pattern)
}

const ownedByOrganisations = ['event', 'venue', 'hash', 'invitation', 'apiKey', 'person']
const ownedByPersons = ['hold', 'order', 'ticket', 'holdToken', 'key']

/** One line for each way in which the answers are not as they must be. */
export async function thingFaults(asking: Asking, procedure: Procedure): Promise<string[]> {
  const { path } = procedure
  const [foreign, missing] = [
    await askFor(asking, procedure, 'foreign'),
    await askFor(asking, procedure, 'missing'),
  ]
  const faults: string[] = []
  if (foreign.seen !== missing.seen || foreign.status !== missing.status) {
    faults.push(`${path}: foreign answers ${foreign.seen}, missing ${missing.seen}`)
  }
  const own = await askFor(asking, procedure, 'own')
  // Ending what is not there is no fault; then the answer says that nothing was ended.
  if (!refusedAsUnknown.includes(foreign.code ?? '') && foreign.seen === own.seen) {
    faults.push(`${path}: a foreign thing answers as one's own: ${foreign.seen}`)
  }
  if (unseen.includes(own.code ?? '') || own.status >= 500) {
    faults.push(`${path}: one's own thing is ${own.code ?? `status ${own.status}`}`)
  }
  return faults
}

const refusedAsUnknown = ['NOT_FOUND', 'HOLD_TOKEN_INVALID']
/** Draws until one is valid; some rules of a shape are not in its bounds. */
const drawsMax = 300
const unseen = [...refusedAsUnknown, ...accessRefusals]

async function askFor(asking: Asking, procedure: Procedure, target: Target): Promise<Answer> {
  const { url, show, belongings, seed } = asking
  const { path, type, input } = procedure
  const known = belongings[target]
  const sent = inputFor(procedure, { ...asking, known, seed })
  if (!input.safeParse(sent).success) throw new Error(`${path}: no valid input could be drawn`)
  const answer = await ask({ url, path, type, show, input: sent })
  return { ...answer, seen: withoutNames(answer.seen, known) }
}

function inputFor(
  { input, rule }: Procedure,
  { known, belongings, seed }: Asking & { readonly known: Belongings[Target] },
): unknown {
  const own = belongings.own.ids['evt'] ?? []
  const held = rule.kind === 'owner' && rule.of === 'hold' ? { ord: [known.hold] } : {}
  // What a fan names beside their own thing is on sale to everybody.
  const ids = rule.kind === 'role' ? known.ids : { ...known.ids, evt: own, ...held }
  const drawn = fc.sample(validInput(input, { ...known, ids }), { seed, numRuns: drawsMax })
  const meant = Object.keys(input.shape).flatMap((field) => {
    const [word] = known.words[field] ?? []
    return word === undefined ? [] : [[field, word] as const]
  })
  const inputs = drawn.map((each) => ({ ...(each as object), ...Object.fromEntries(meant) }))
  return inputs.find((each) => input.safeParse(each).success)
}

/** An answer may repeat the name that the caller gave. */
function withoutNames(text: string, { ids, words, hold }: Belongings[Target]): string {
  const given = [hold, ...Object.values(ids).flat(), ...Object.values(words).flat()]
  const names = given.filter((name) => typeof name === 'string' && name.length > 8) as string[]
  return names.reduce((seen, name) => seen.replaceAll(name, '<name>'), text)
}
