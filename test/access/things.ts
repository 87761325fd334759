/**
 * What a call says of a thing that is one's own, somebody else's, or nobody's: the first is found,
 * and between the other two nobody can tell. That this sees each owner's condition was tried by
 * taking them out one by one, and each time it failed: the buyer in the SQL of an order (12 tests),
 * in the hold book's find (3) and of a hold token (2), the account of a session (1), the organisation
 * of a venue (10), an event (12), an invitation (4), a key (2) and a member (18), and that drafts
 * are not public (8).
 */
import fc from 'fast-check'
import { z } from 'zod'
import type { AccessRule } from '../../server/domain/access.ts'
import { idPatterns } from '../../server/platform/ids.ts'
import { type Known, validInput } from '../garbage/valid-input.ts'
import { type Answer, ask, type Show } from './ask.ts'
import type { Belonging, Belongings } from './belongings.ts'
import { accessRefusals, type Target } from './expectation.ts'
import type { Procedure } from './procedures.ts'

export type Asking = {
  readonly url: string
  readonly show: Show
  readonly belongings: Belongings
  /** Everything else of an input is drawn by it. */
  readonly seed: number
}

/**
 * Whose the thing behind a field is, by the kind of rule: under a role those of an organisation,
 * else those of a person; and an event is somebody's alone as long as it is a draft.
 */
const things: Readonly<Record<AccessRule['kind'], readonly string[]>> = {
  role: ['event', 'venue', 'hash', 'invitation', 'apiKey', 'person'],
  owner: ['hold', 'order', 'ticket', 'holdToken', 'key'],
  'signed-in': ['event', 'order', 'session', 'organisation'],
  public: ['event'],
  'platform-admin': [],
  region: [],
  webhook: [],
}

/** Fields that hold an id and are looked at elsewhere: who may speak for the organisation. */
const gated: Readonly<Partial<Record<AccessRule['kind'], readonly string[]>>> = {
  role: ['organisation'],
  // What a fan names beside their own thing is on sale to everybody.
  owner: ['event'],
  // Regions may ask for the holds of every event: nothing of them is one region's own.
  region: ['event'],
}

export function namesAThing({ rule, input }: Procedure): boolean {
  return Object.keys(input.shape).some((field) => things[rule.kind].includes(field))
}

/** Fields that hold an id of which the matrix does not know whose it is: it must be taught. */
export function unknownThings({ path, rule, input }: Pick<Procedure, 'path' | 'rule' | 'input'>) {
  const known = [...things[rule.kind], ...(gated[rule.kind] ?? [])]
  const ids = Object.entries(input.shape).filter(([, schema]) => isId(schema as z.ZodType))
  return ids.flatMap(([field]) => (known.includes(field) ? [] : [`${path}: ${field}`]))
}

function isId(schema: z.ZodType): boolean {
  const { pattern } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.values(idPatterns).some(({ source }) => source === pattern)
}

/** Which of the belongings' own people a call is made by, so that there is something of theirs. */
export function ownerOfThings({ rule, input }: Procedure): keyof Belongings['shows'] {
  const fields = Object.keys(input.shape)
  if (rule.kind === 'role') return 'owner'
  if (fields.includes('session')) return 'member'
  return fields.includes('organisation') ? 'leaver' : 'fan'
}

/** One line for each way in which the answers are not as they must be. */
export async function thingFaults(asking: Asking, procedure: Procedure): Promise<string[]> {
  const { path } = procedure
  const faults = await differences(asking, procedure)
  const foreign = await askFor(asking, procedure, 'foreign')
  const own = await askFor(asking, procedure, 'own')
  // Ending what is not there is no fault; then the answer says that nothing was ended.
  const isRefused = refusedAsUnknown.includes(foreign.code ?? '')
  if (!isRefused && foreign.seen === own.seen && !saysNothing.includes(path)) {
    faults.push(`${path}: a foreign thing answers as one's own: ${foreign.seen}`)
  }
  if (unseen.includes(own.code ?? '') || own.status >= 500) {
    faults.push(`${path}: one's own thing is ${own.code ?? `status ${own.status}`}`)
  }
  return faults
}

/** The same by whoever else gets as far as the thing: what is foreign looks as if it were not there. */
export async function differences(asking: Asking, procedure: Procedure): Promise<string[]> {
  const { path } = procedure
  const foreign = await askFor(asking, procedure, 'foreign')
  const missing = await askFor(asking, procedure, 'missing')
  if (foreign.seen === missing.seen && foreign.status === missing.status) return []
  return [`${path}: foreign answers ${foreign.seen}, missing ${missing.seen}`]
}

/** Leaving what one is no member of is done already: "left" is all that is ever said. */
const saysNothing = ['organisations.leave']
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
  { known, belongings, seed }: Asking & { readonly known: Belonging },
): unknown {
  const held = rule.kind === 'owner' && rule.of === 'hold' ? { ord: [known.hold] } : {}
  const alike: Readonly<Partial<Record<AccessRule['kind'], Known['ids']>>> = {
    role: { org: belongings.own.ids['org'] ?? [] },
    owner: { evt: belongings.own.ids['evt'] ?? [], ...held },
  }
  const personal = ['signed-in', 'public'].includes(rule.kind) ? { evt: [known.seenEvent] } : {}
  const ids = { ...known.ids, ...personal, ...alike[rule.kind] }
  const drawn = fc.sample(validInput(input, { ...known, ids }), { seed, numRuns: drawsMax })
  const meant = Object.keys(input.shape).flatMap((field) => {
    const [word] = known.words[field] ?? []
    return word === undefined ? [] : [[field, word] as const]
  })
  const inputs = drawn.map((each) => ({ ...(each as object), ...Object.fromEntries(meant) }))
  return inputs.find((each) => input.safeParse(each).success)
}

/** An answer may repeat the name that the caller gave. */
function withoutNames(text: string, { ids, words, hold, seenEvent }: Belonging): string {
  const given = [hold, seenEvent, ...Object.values(ids).flat(), ...Object.values(words).flat()]
  const names = given.filter((name) => typeof name === 'string' && name.length > 8) as string[]
  return names.reduce((seen, name) => seen.replaceAll(name, '<name>'), text)
}
