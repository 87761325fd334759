import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startStripeSimulator } from './simulator.ts'
import {
  type Address,
  connectStripe,
  control,
  eventually,
  type Received,
  refusal,
  WebhookReceiver,
} from './test-support.ts'

const main = join(import.meta.dirname, 'main.ts')
let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stripe-simulator-'))
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

interface Started extends Address {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

function launch(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args])
  children.push(child)
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('exit', (code) => resolve({ code, stderr }))
  })
  return { child, ended }
}

async function start(...args: string[]): Promise<Started> {
  const { child, ended } = launch(...args)
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve)
    void ended.then(({ stderr }) => reject(new Error(stderr)))
  })
  const { listening } = JSON.parse(line) as { listening: string }
  const { hostname, port } = new URL(listening)
  return { child, ended, url: listening, host: hostname, port: Number(port) }
}

const wish: Stripe.PaymentIntentCreateParams = {
  amount: 5_000,
  currency: 'usd',
  capture_method: 'manual',
  allowed_payment_method_types: ['card'],
}

describe('the program', () => {
  it('listens on a free port and ends cleanly on SIGTERM, with a request hanging', async () => {
    const program = await start()
    await control(program, 'faults', { kind: 'timeout_before' })
    const hanging = refusal(connectStripe(program).paymentIntents.create(wish))
    await control(program, 'faults')
    program.child.kill('SIGTERM')
    expect(await program.ended).toEqual({ code: 0, stderr: '' })
    await hanging
  })

  it('ends with its parent', async () => {
    const program = await start('--exit-with-parent')
    program.child.stdin?.end()
    expect((await program.ended).code).toBe(0)
  })

  it('sends webhooks to the addresses of the command line', async () => {
    await using receiver = await WebhookReceiver.start()
    const webhook = ['--webhook-url', receiver.url, '--webhook-secret', 'whsec_cli']
    const program = await start(...webhook, '--webhook-events', 'payment_intent.canceled')
    const stripe = connectStripe(program)
    const { id } = await stripe.paymentIntents.create(wish)
    await stripe.paymentIntents.cancel(id)
    await eventually('a webhook', () => receiver.received.length > 0)
    const [{ payload, signature }] = receiver.received as [Received]
    const event = stripe.webhooks.constructEvent(payload, signature, 'whsec_cli')
    expect(event.type).toBe('payment_intent.canceled')
  })

  it('says in one sentence that a port is taken, or what is wrong with an option', async () => {
    await using taken = await startStripeSimulator()
    const { code, stderr } = await launch('--port', String(taken.port)).ended
    expect(code).toBe(1)
    expect(stderr).toBe(
      `Port ${taken.port} on 127.0.0.1 is already in use; choose another with --port.\n`,
    )
    const wrong = await launch('--max-intents', 'many').ended
    expect(wrong).toEqual({
      code: 1,
      stderr: '--max-intents must be a whole number of at least 1, not "many".\n',
    })
  })
})

describe('the journal', () => {
  it('goes on after kill -9: intents, charges, refunds, events, keys and the clock', async () => {
    const data = join(folder, 'journal')
    const first = await start('--data', data)
    const stripe = connectStripe(first)
    const created = await stripe.paymentIntents.create(wish, { idempotencyKey: 'create' })
    const decline = await refusal(
      stripe.paymentIntents.confirm(
        created.id,
        { payment_method: 'pm_card_chargeDeclined' },
        { idempotencyKey: 'declined' },
      ),
    )
    await stripe.paymentIntents.confirm(created.id, { payment_method: 'pm_card_visa' })
    const paid = await stripe.paymentIntents.capture(created.id, {}, { idempotencyKey: 'capture' })
    await stripe.refunds.create({ payment_intent: created.id, amount: 100 })
    const open = await stripe.paymentIntents.create({ ...wish, metadata: { order: '2' } })
    await control(first, 'clock', { advanceMs: 1_000 })
    const before = await control(first, 'state')
    const ledger = await control(first, 'ledger')
    first.child.kill('SIGKILL')
    await first.ended

    const second = await start('--data', data)
    const again = connectStripe(second)
    expect(await control(second, 'ledger')).toEqual(ledger)
    const after = await control(second, 'state')
    for (const part of ['counts', 'clockOffsetMs', 'intents', 'charges', 'refunds', 'events']) {
      expect(after[part]).toEqual(before[part])
    }
    const replayed = await again.paymentIntents.create(wish, { idempotencyKey: 'create' })
    expect(replayed).toEqual(created)
    expect(
      await again.paymentIntents.capture(created.id, {}, { idempotencyKey: 'capture' }),
    ).toEqual(paid)
    const declinedAgain = await refusal(
      again.paymentIntents.confirm(
        created.id,
        { payment_method: 'pm_card_chargeDeclined' },
        { idempotencyKey: 'declined' },
      ),
    )
    expect(declinedAgain).toMatchObject({ charge: decline.charge, statusCode: 402 })
    const confirmed = await again.paymentIntents.confirm(open.id, {
      payment_method: 'pm_card_visa',
    })
    expect(confirmed.status).toBe('requires_capture')
  })

  it('cuts a torn last line off and goes on', async () => {
    const dataPath = join(folder, 'journal')
    await using first = await startStripeSimulator({ dataPath })
    const kept = await connectStripe(first).paymentIntents.create(wish)
    await first.close()
    appendFileSync(dataPath, '{"records":[{"kind":"payment_in')
    await using second = await startStripeSimulator({ dataPath })
    const stripe = connectStripe(second)
    expect((await stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([kept.id])
    const added = await stripe.paymentIntents.create(wish)
    await second.close()
    await using third = await startStripeSimulator({ dataPath })
    const { data } = await connectStripe(third).paymentIntents.list()
    expect(data.map(({ id }) => id)).toEqual([added.id, kept.id])
  })

  it('refuses a file that is damaged in the middle', async () => {
    const dataPath = join(folder, 'journal')
    await using first = await startStripeSimulator({ dataPath })
    await connectStripe(first).paymentIntents.create(wish)
    await first.close()
    writeFileSync(dataPath, `nonsense\n${readFileSync(dataPath, 'utf8')}`)
    const { code, stderr } = await launch('--data', dataPath).ended
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Line 1 of the journal ${dataPath} is damaged.\n`,
    })
  })

  it('is rewritten to what is alive when it has grown large, and nothing is lost', async () => {
    const dataPath = join(folder, 'journal')
    const options = { dataPath, maxIntents: 2, journalCompactBytes: 0 }
    await using first = await startStripeSimulator(options)
    const stripe = connectStripe(first)
    const paid = { ...wish, confirm: true, payment_method: 'pm_card_visa' }
    for (const key of ['a', 'b', 'c', 'd']) {
      const { id } = await stripe.paymentIntents.create(paid, { idempotencyKey: key })
      await stripe.paymentIntents.capture(id)
    }
    const created = await stripe.paymentIntents.create(wish, { idempotencyKey: 'e' })
    await stripe.paymentIntents.cancel(created.id)
    const [state, ledger] = [await control(first, 'state'), await control(first, 'ledger')]
    expect(ledger).toMatchObject({ totals: { usd: { intents: 5, captured: 20_000 } } })
    await first.close()
    const grown = readFileSync(dataPath).length
    for (let restart = 0; restart < 2; restart += 1) {
      await using next = await startStripeSimulator(options)
      expect(readFileSync(dataPath).length).toBeLessThan(grown)
      expect(await control(next, 'ledger')).toEqual(ledger)
      const { intents, charges } = await control(next, 'state')
      expect({ intents, charges }).toEqual({ intents: state['intents'], charges: state['charges'] })
      const replayed = await connectStripe(next).paymentIntents.create(wish, {
        idempotencyKey: 'e',
      })
      expect(replayed).toEqual(created)
    }
  })

  it('forgets at a reset', async () => {
    const dataPath = join(folder, 'journal')
    await using first = await startStripeSimulator({ dataPath })
    await connectStripe(first).paymentIntents.create(wish)
    await control(first, 'reset', {})
    await first.close()
    await using second = await startStripeSimulator({ dataPath })
    expect((await connectStripe(second).paymentIntents.list()).data).toEqual([])
  })
})
