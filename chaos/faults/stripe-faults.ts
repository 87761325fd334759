/** What goes wrong at the payment provider, which is the simulator here: by its book of faults. */
import { z } from 'zod'
import type { Fault } from './fault.ts'
import type { StripeRule } from './fault-maker.ts'
import { keptFault } from './kept-fault.ts'

const where = 'stripe'
const answersWithinMs = 5_000
const rulesShape = z.object({
  rules: z.array(z.object({ id: z.string(), felt: z.number() })),
})
const ruleShape = z.object({ id: z.string() })

/** Healed, the rule is taken out again; those of others stay. */
export function stripeRule(url: string, rule: StripeRule): Fault {
  return ruled(url, { kind: 'stripe.rule', said: sayRule(rule), rule })
}

/** Every call is reset, before any other rule is asked; the simulator's own page still answers. */
export function stripeRefuses(url: string): Fault {
  const said = 'Stripe is away: every connection is reset'
  return ruled(url, { kind: 'stripe.down', said, rule: { kind: 'connection_reset' }, first: true })
}

type Ruled = Pick<Fault, 'kind' | 'said'> & { readonly rule: StripeRule; readonly first?: boolean }

function ruled(url: string, { kind, said, rule, first = false }: Ruled): Fault {
  let id: string | null = null
  let felt = 0
  const look = async (): Promise<{ isThere: boolean }> => {
    const { rules } = rulesShape.parse(await ask(url, 'GET'))
    const own = rules.find((one) => one.id === id)
    // A simulator that was started again has forgotten its rules.
    if (own !== undefined) felt = own.felt
    return { isThere: own !== undefined }
  }
  return keptFault({
    kind,
    where,
    said,
    set: async () => {
      felt = 0
      id = ruleShape.parse(await ask(url, 'POST', { ...rule, first })).id
    },
    clear: async () => {
      if ((await look()).isThere) await ask(url, `DELETE /${id}`)
    },
    isHealed: async () => !(await look()).isThere,
    felt: async () => {
      await look()
      return felt
    },
  })
}

/** @param asked the method, and the path below the book of faults */
async function ask(url: string, asked: string, body?: object): Promise<unknown> {
  const [method = '', path = ''] = asked.split(' ')
  const response = await fetch(`${url}/_simulator/faults${path}`, {
    method,
    signal: AbortSignal.timeout(answersWithinMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`The Stripe simulator answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

function sayRule({ kind, probability, times, method, path, event, delayMs }: StripeRule): string {
  const often =
    times === undefined ? `${Math.round((probability ?? 1) * 1000) / 10} %` : `${times} times`
  const what = [method, path, event].filter((part) => part !== undefined).join(' ')
  const late = delayMs === undefined ? '' : `, ${delayMs} ms`
  return `Stripe: ${kind.replaceAll('_', ' ')}, ${often}${what === '' ? '' : ` of ${what}`}${late}`
}
