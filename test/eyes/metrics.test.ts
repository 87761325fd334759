/** What Prometheus reads from a running server: the names that are promised, and bounded labels. */
import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buy, hold } from '../sale/buying.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { familiesIn, type Sample } from './metrics-text.ts'
import { type Receiver, startReceiver } from './otlp-receiver.ts'

/** Prometheus's own words when it asks. */
const openMetrics =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

/** Each name with its labels, as alerts and dashboards may use them. */
const promised: Readonly<Record<string, readonly string[]>> = {
  http_server_request_duration_seconds: [
    'http_request_method',
    'http_response_status_code',
    'http_route',
  ],
  rpc_server_call_duration_seconds: ['outcome', 'rpc_method', 'rpc_system_name'],
  db_client_operation_duration_seconds: ['db_operation_name', 'db_system_name', 'outcome'],
  http_client_request_duration_seconds: [
    'http_request_method',
    'http_response_status_code',
    'server_address',
    'url_template',
  ],
  db_client_connection_count: ['db_client_connection_pool_name', 'db_client_connection_state'],
  db_client_connection_max: ['db_client_connection_pool_name'],
  db_client_connection_pending_requests: ['db_client_connection_pool_name'],
  frontrow_tickets_sold_total: [],
  frontrow_units_held_total: [],
  frontrow_db_attempts_total: ['name', 'outcome'],
  frontrow_db_stale_reads_total: ['answer', 'use'],
  frontrow_outbox_duties_total: ['kind', 'outcome'],
  frontrow_outbox_oldest_due_seconds: [],
  frontrow_refusals_total: ['code'],
  frontrow_hold_book_available: [],
  nodejs_eventloop_utilization_ratio: [],
  nodejs_eventloop_delay_p99_seconds: [],
  nodejs_eventloop_time_seconds_total: ['nodejs_eventloop_state'],
  v8js_gc_duration_seconds: ['v8js_gc_type'],
  v8js_memory_heap_used_bytes: ['v8js_heap_space_name'],
  process_cpu_time_seconds_total: ['cpu_mode'],
  process_memory_usage_bytes: [],
  process_uptime_seconds: [],
}

describeUnless(redisMissing(), 'the metrics of a server', () => {
  let system: SaleSystem
  let receiver: Receiver

  beforeAll(async () => {
    receiver = await startReceiver()
    system = await openSaleSystem({
      book: 'redis',
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    })
    const fan = await system.fan('mia')
    const event = await system.newEvent()
    await buy(fan, event, [1, 2])
    const seats = { kind: 'units' as const, units: [1] }
    await fan.holds.place.mutate({ event, key: randomUUID(), seats }).catch(() => undefined)
  })
  afterAll(async () => {
    await system[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  })

  async function read(accept?: string) {
    const answer = await fetch(system.metricsUrl, { headers: accept ? { accept } : {} })
    return { type: answer.headers.get('content-type'), text: await answer.text() }
  }

  async function samples(name: string): Promise<readonly Sample[]> {
    const { text } = await read()
    return familiesIn(text, 'prometheus').find((family) => family.name === name)?.samples ?? []
  }

  it('have the names and the labels that are promised', async () => {
    await eventually(
      async () => {
        const { text } = await read()
        const families = familiesIn(text, 'prometheus')
        const missing = Object.keys(promised).filter(
          (name) => !families.some((family) => family.name === name && family.samples.length > 0),
        )
        return missing.length === 0
      },
      { what: 'all that is promised is there' },
    )
    const families = familiesIn((await read()).text, 'prometheus')
    for (const [name, labels] of Object.entries(promised)) {
      const found = families.find((family) => family.name === name)?.samples ?? []
      const used = new Set(found.flatMap((sample) => Object.keys(sample.labels)))
      used.delete('le')
      used.delete('error_type')
      expect([...used].toSorted(), name).toEqual(labels)
    }
  })

  it('are plain text unless OpenMetrics is asked for, and then have exemplars', async () => {
    const plain = await read()
    expect(plain.type).toBe('text/plain; version=0.0.4; charset=utf-8')
    const open = await read(openMetrics)
    expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    const families = familiesIn(open.text, 'openmetrics')
    for (const name of [
      'http_server_request_duration_seconds',
      'rpc_server_call_duration_seconds',
    ]) {
      const found = families.find((family) => family.name === name)?.samples ?? []
      const examples = found.flatMap((sample) => sample.exemplar ?? [])
      expect(examples.length, name).toBeGreaterThan(0)
      const ids = examples.map((example) => example.labels['trace_id'] ?? '')
      await eventually(
        () => ids.every((id) => receiver.spans.some((span) => span.traceId === id)),
        {
          what: 'each exemplar is a trace that was exported',
        },
      )
    }
    const call = families
      .flatMap((family) => family.samples)
      .find((sample) => sample.exemplar && sample.labels['rpc_method'] === 'holds.place')
    const example = receiver.spans.find((span) => span.spanId === call?.exemplar?.labels['span_id'])
    expect(example?.name).toBe('call holds.place')
  })

  it('get no new label from what strangers send', async () => {
    const name = 'http_server_request_duration_seconds'
    const values = async () =>
      new Set(
        (await samples(name)).flatMap(({ labels }) => [
          labels['http_route'],
          labels['http_request_method'],
        ]),
      )
    const unknown = async () =>
      (await samples(name)).find(
        ({ labels, name: sample }) =>
          sample.endsWith('_count') &&
          labels['http_route'] === 'none' &&
          labels['http_response_status_code'] === '404',
      )?.value ?? 0
    const paths = ['/a', '/b/c', '/trpc', '/.env', '/%F0%9F%98%80']
    for (const path of paths) await fetch(`${system.url}${path}`)
    await send('PROPFIND', '/trpc/events.list')
    await send('PURGE', '/whatever')
    await fetch(`${system.url}/trpc/made.up,also.madeUp?batch=1`)
    await eventually(async () => (await unknown()) >= paths.length, { what: 'all are counted' })
    for (const value of await values()) {
      expect(value).toMatch(
        /^(GET|POST|_OTHER|none|\/trpc\/\*|\/[a-z./-]+|\/trpc\/admin\.\w+\.\w+)$/,
      )
    }
    expect(await values()).not.toContain('/.env')
    const methods = (await samples('rpc_server_call_duration_seconds')).map(
      ({ labels }) => labels['rpc_method'],
    )
    expect(methods).not.toContain('made.up')
    expect(methods).toContain('holds.place')
  })

  it('hold no id, and no value of a query', async () => {
    const { text } = await read(openMetrics)
    expect(text).not.toMatch(/(ord|evt|hld|tck|pi|org)_[0-9a-z]/)
    expect(text).not.toContain('input=')
  })

  it('say whether the hold book is there, and how old the oldest due duty is', async () => {
    expect((await samples('frontrow_hold_book_available'))[0]?.value).toBe(1)
    await system.redis?.kill()
    const value = async () => (await samples('frontrow_hold_book_available'))[0]?.value
    await eventually(async () => (await value()) === 0, { what: 'the gauge shows it' })
    await system.redis?.start()
    await eventually(async () => (await value()) === 1, { what: 'it is back' })
    const fan = await system.fan('lea')
    await hold(fan, await system.newEvent(), [5])
    const due = await samples('frontrow_outbox_oldest_due_seconds')
    expect(due[0]?.value).toBeGreaterThanOrEqual(0)
  })

  it('are served nowhere else, and by GET alone', async () => {
    expect((await fetch(`${system.url}/metrics`)).status).toBe(404)
    expect((await fetch(new URL('/', system.metricsUrl))).status).toBe(404)
    expect((await fetch(system.metricsUrl, { method: 'POST' })).status).toBe(405)
  })

  /** A method that fetch does not know. */
  async function send(method: string, path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      request(`${system.url}${path}`, { method }, (answer) => answer.resume().on('end', resolve))
        .on('error', reject)
        .end()
    })
  }
})
