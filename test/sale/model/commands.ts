/** What may happen to the orders of one event, at the model and at the real system. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import Stripe from 'stripe'
import { eventually } from '../../support/eventually.ts'
import {
  type Api,
  control,
  persist,
  refusalOf,
  type SaleSystem,
  webhookSecret,
} from '../../support/sale-system.ts'
import { hold, orderRow, orderRows, remind, runOut, visa } from '../buying.ts'
import * as model from './sale-model.ts'

/** What the sale may be: a worker that was told of an order may have settled it, or not yet. */
export type Known = { sales: readonly model.SaleModel[] }

export type Real = {
  readonly system: SaleSystem
  readonly event: string
  readonly fans: readonly Api[]
  /** By the order's place in the model. */
  readonly started: Map<number, { readonly token: string; readonly id: string }>
  readonly tries: Map<number, { readonly key: string; readonly paymentMethod: string }>
  readonly seen: Map<string, number>
  /** Orders whose money came too late, as far as it was counted. */
  readonly late: Set<number>
}

type Command = fc.AsyncCommand<Known, Real>

const cards: Readonly<Record<model.Card, string>> = {
  good: visa,
  declined: 'pm_card_chargeDeclined',
  'asks the bank': 'pm_card_threeDSecure2Required',
}

/** One that a fan waits for: what they are told must be what one of the possible sales says. */
class Asked implements Command {
  readonly #name: string
  readonly #at: number
  readonly #predict: (sale: model.SaleModel) => model.Outcome
  readonly #ask: (real: Real) => Promise<string>

  constructor(name: string, at: number, parts: { predict: Predict; ask: Ask }) {
    this.#name = name
    this.#at = at
    this.#predict = parts.predict
    this.#ask = parts.ask
  }

  check({ sales }: Known): boolean {
    return this.#name === 'start' || sales.every(({ orders }) => orders[this.#at] !== null)
  }

  async run(known: Known, real: Real): Promise<void> {
    const outcomes = known.sales.flatMap(model.maybeSettled).map(this.#predict)
    const answer = await this.#ask(real)
    count(real, `${this.#name}: ${answer}`)
    const possible = outcomes.filter((outcome) => outcome.answer === answer)
    if (possible.length === 0) {
      const expected = outcomes.map((outcome) => outcome.answer).join(' or ')
      throw new Error(`${this.toString()} was answered ${answer}, not ${expected}`)
    }
    known.sales = await agreeing(
      real,
      possible.map(({ sale }) => sale),
    )
  }

  toString(): string {
    return `${this.#name} ${this.#at}`
  }
}

type Predict = (sale: model.SaleModel) => model.Outcome
type Ask = (real: Real) => Promise<string>

/** One that nobody waits for: in the end the rows are as the model says. */
class Happens implements Command {
  readonly #name: string
  readonly #at: number | null
  readonly #parts: Parts

  constructor(name: string, at: number | null, parts: Parts) {
    this.#name = name
    this.#at = at
    this.#parts = parts
  }

  check(known: Known): boolean {
    return this.#at === null || this.#orderIn(known) !== null
  }

  async run(known: Known, real: Real): Promise<void> {
    const { become, make } = this.#parts
    const order = this.#orderIn(known) ?? 0
    const next = known.sales.flatMap(model.maybeSettled).map((sale) => become(sale, order))
    await make(real, order)
    count(real, this.#name)
    known.sales = await agreeing(real, next)
  }

  /** The wished order, or the next one to which it may happen: few are ready for much. */
  #orderIn({ sales }: Known): number | null {
    const all = model.wishes.map((_, offset) => ((this.#at ?? 0) + offset) % model.wishes.length)
    const may = (order: number) =>
      sales.every(({ orders }) => {
        const known = orders[order] ?? null
        return known !== null && this.#parts.may(known)
      })
    return all.find(may) ?? null
  }

  toString(): string {
    return `${this.#name} ${this.#at ?? ''}`
  }
}

type Parts = {
  readonly may: (order: model.OrderModel) => boolean
  readonly become: Become
  readonly make: Make
}
type Become = (sale: model.SaleModel, order: number) => model.SaleModel
type Make = (real: Real, order: number) => Promise<unknown>

function count({ seen }: Real, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

/** Waits until the rows are as one of these sales says, or as it is once it is settled further. */
async function agreeing(
  real: Real,
  sales: readonly model.SaleModel[],
): Promise<readonly model.SaleModel[]> {
  let [found, rows]: [model.SaleModel[], string] = [[], '']
  const is = async () => {
    rows = await rowsOf(real)
    found = sales.flatMap(model.maybeSettled).filter((sale) => saidOf(sale) === rows)
    return found.length > 0
  }
  await eventually(is, { what: 'rows as the model has them', timeoutMs: 8_000 }).catch(() => {
    throw new Error(`the rows are\n${rows}\nnot\n${[...new Set(sales.map(saidOf))].join('\nor\n')}`)
  })
  countLateMoney(real, found)
  return [...new Map(found.map((sale) => [JSON.stringify(sale), sale])).values()]
}

/** The bank had said yes, and the order is void all the same: its money must be let go. */
function countLateMoney(real: Real, sales: readonly model.SaleModel[]): void {
  for (const order of real.started.keys()) {
    const isLate = sales.every(({ orders }) => {
      const known = orders[order]
      return known?.state === 'void' && known.intent === 'authorized'
    })
    if (!isLate || real.late.has(order)) continue
    real.late.add(order)
    count(real, 'late money')
  }
}

/** Orders, claims, tickets and payments. Money is taken and let go a moment after its order ends. */
async function rowsOf({ system, event, started }: Real): Promise<string> {
  const rows = await orderRows(system, event)
  const lines = [...started]
    .toSorted(([one], [other]) => one - other)
    .map(([at, { id }]) => {
      const row = rows.find((each) => each.id === id)
      if (row === undefined) return `${at} is missing`
      const { state, sold, tickets } = row
      const money = row.payment === 'captured' ? 'authorized' : row.payment
      return `${at} ${state}: ${sold} sold, ${tickets} tickets, money ${money}`
    })
  return lines.join('\n')
}

function saidOf({ orders }: model.SaleModel): string {
  const lines = orders.flatMap((order, at) => {
    if (order === null) return []
    const has = order.state === 'paid' ? (model.wishes[at]?.length ?? 0) : 0
    const money = { pending: 'pending', paid: 'authorized', void: 'voided' }[order.state]
    return [`${at} ${order.state}: ${has} sold, ${has} tickets, money ${money}`]
  })
  return lines.join('\n')
}

const stripe = new Stripe('sk_test_for_signing')

async function webhook({ system, started }: Real, at: number): Promise<void> {
  const order = started.get(at)?.id
  const type = 'payment_intent.amount_capturable_updated'
  const payload = JSON.stringify({ id: 'evt_1', type, data: { object: { metadata: { order } } } })
  const secret = webhookSecret
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret })
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
  const url = `${system.url}/webhooks/stripe`
  const response = await fetch(url, { method: 'POST', headers, body: payload })
  await response.arrayBuffer()
  if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}`)
}

const fanOf = ({ fans }: Real, at: number) => fans[at % fans.length] as Api
const idOf = ({ started }: Real, at: number) => started.get(at)?.id ?? ''

async function toldBy(call: Promise<{ order: { state: string } }>): Promise<string> {
  try {
    return (await call).order.state
  } catch (cause) {
    return (await refusalOf(Promise.reject(cause))).code
  }
}

async function askStart(real: Real, at: number): Promise<string> {
  const { started, event } = real
  const fan = fanOf(real, at)
  const start = async () => {
    const units = [...(model.wishes[at] ?? [])]
    const token =
      started.get(at)?.token ??
      (await hold(fan, event, { units, key: `the-key-of-wish-${at}` })).token
    const checkout = await persist(() => fan.checkout.start.mutate({ holdToken: token }))
    started.set(at, { token, id: checkout.order.id })
    return checkout
  }
  return toldBy(start())
}

function askConfirm(real: Real, at: number, card: model.Card | null): Promise<string> {
  const { tries } = real
  const known = card === null ? tries.get(at) : undefined
  const attempt = known ?? { key: randomUUID(), paymentMethod: cards[card ?? 'good'] }
  tries.set(at, attempt)
  const order = idOf(real, at)
  return toldBy(persist(() => fanOf(real, at).checkout.confirm.mutate({ order, ...attempt })))
}

function askStatus(real: Real, at: number): Promise<string> {
  const order = idOf(real, at)
  return toldBy(persist(() => fanOf(real, at).checkout.status.query({ order })))
}

async function settleFromAllSides(real: Real, at: number): Promise<string> {
  const asked = [askStatus(real, at), askStatus(real, at)]
  await Promise.all([
    ...asked,
    webhook(real, at),
    webhook(real, at),
    remind(real.system, idOf(real, at)),
  ])
  return askStatus(real, at)
}

const settleOutcome = (at: number) => (sale: model.SaleModel) => {
  const after = model.settle(sale, at)
  return { sale: after, answer: model.orderAt(after, at).state }
}

const at = fc.nat(model.wishes.length - 1)
const isPending = ({ state }: model.OrderModel) => state === 'pending'
const card = fc.constantFrom<model.Card>(
  'good',
  'good',
  'declined',
  'asks the bank',
  'asks the bank',
)

async function authenticateReal({ system, started }: Real, order: number, isApproved: boolean) {
  const { intent } = await orderRow(system, started.get(order)?.id ?? '')
  const outcome = isApproved ? 'approve' : 'refuse'
  await control(system.simulator, `payment_intents/${intent}/authentication`, { outcome })
}

const faultKinds = ['error_500', 'error_500_after_success', 'connection_reset_after_success']
const steps = ['', '/*/confirm', '/*/capture', '/*/capture', '/*/cancel']

const startOf = (a: number) =>
  new Asked('start', a, {
    predict: (sale) => model.start(sale, a),
    ask: (real) => askStart(real, a),
  })

const commands: fc.Arbitrary<Command>[] = [
  at.map(startOf),
  fc.tuple(at, card).map(
    ([a, c]) =>
      new Asked(`confirm, a card that is ${c}`, a, {
        predict: (sale) => model.confirm(sale, a, c),
        ask: (real) => askConfirm(real, a, c),
      }),
  ),
  at.map(
    (a) =>
      new Asked('status', a, {
        predict: settleOutcome(a),
        ask: (real) => askStatus(real, a),
      }),
  ),
  at.map(
    (a) =>
      new Asked('settle from all sides', a, {
        predict: (sale) => settleOutcome(a)(model.watch(sale, a)),
        ask: (real) => settleFromAllSides(real, a),
      }),
  ),
  fc.tuple(at, fc.boolean()).map(
    ([a, yes]) =>
      new Happens(`the bank says ${yes ? 'yes' : 'no'}`, a, {
        may: ({ state, intent }) => state === 'pending' && intent === 'needs-action',
        become: (sale, order) => model.authenticate(sale, order, yes),
        make: (real, order) => authenticateReal(real, order, yes),
      }),
  ),
  at.map(
    (a) =>
      new Happens('the reservation runs out', a, {
        may: isPending,
        become: model.runOut,
        make: (real, order) => runOut(real.system, idOf(real, order)),
      }),
  ),
  fc.tuple(at, fc.integer({ min: 1, max: 3 })).map(
    ([a, times]) =>
      new Happens(`${times} webhooks`, a, {
        may: () => true,
        become: (sale, order) => model.settle(model.watch(sale, order), order),
        make: (real, order) =>
          Promise.all(Array.from({ length: times }, () => webhook(real, order))),
      }),
  ),
  at.map(
    (a) =>
      new Happens('the reminder is due', a, {
        may: () => true,
        become: model.watch,
        make: (real, order) => remind(real.system, idOf(real, order)),
      }),
  ),
  fc.constantFrom(...faultKinds).chain((kind) =>
    fc.constantFrom(...steps).map(
      (step) =>
        new Happens(`Stripe: ${kind} at ${step}`, null, {
          may: () => true,
          become: (sale) => sale,
          make: ({ system }) =>
            control(system.simulator, 'faults', {
              kind,
              times: 1,
              method: 'POST',
              path: `/v1/payment_intents${step}`,
            }),
        }),
    ),
  ),
]

const confirmAgain = at.map((a) => new TriedAgain(a))

class TriedAgain extends Asked {
  readonly #order: number

  constructor(order: number) {
    super('the same card again', order, {
      predict: (sale) => model.confirmAgain(sale, order),
      ask: (real) => askConfirm(real, order, null),
    })
    this.#order = order
  }

  override check({ sales }: Known): boolean {
    return sales.every(({ orders }) => (orders[this.#order]?.tried ?? null) !== null)
  }
}

const cancelled = fc.constant(
  new Happens('the event is cancelled', null, {
    may: () => true,
    become: (sale) => ({ ...sale, isCancelled: true }),
    make: ({ system, event }) => {
      const { organiser, organisation } = system
      return organiser.admin.events.cancel.mutate({ organisation, event })
    },
  }),
)

/** Most of what may happen needs an order: some are there from the beginning. */
export const firstCommands: readonly Command[] = [0, 2].map((a) => startOf(a))

const faults = commands.slice(-1)
const usual = commands.slice(0, -1)

export const saleCommands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    ...usual.slice(0, 3),
    ...usual,
    ...usual,
    ...usual,
    // What needs something else to have been before it comes seldom enough.
    ...usual.slice(1, 2),
    ...usual.slice(3, 5),
    ...usual.slice(4, 5),
    ...usual.slice(4, 5),
    confirmAgain,
    confirmAgain,
    cancelled,
    ...faults,
    ...faults,
    ...faults,
  ],
  { maxCommands: 30, size: 'max' },
)
