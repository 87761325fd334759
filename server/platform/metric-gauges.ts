/**
 * What is looked at when metrics are read: the process, the pool of connections, the event loop.
 * https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
 * https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
 */
import type { Meter, MeterProvider } from '@opentelemetry/api'
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node'

export type PoolFacts = {
  readonly name: string
  readonly used: number
  readonly idle: number
  /** Calls that wait for a connection. */
  readonly pending: number
  readonly max: number
}

export function watchProcess(meter: Meter): void {
  meter
    .createObservableCounter('process.cpu.time', {
      description: 'CPU time of the process',
      unit: 's',
    })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage()
      result.observe(user / 1e6, { 'cpu.mode': 'user' })
      result.observe(system / 1e6, { 'cpu.mode': 'system' })
    })
  meter
    .createObservableUpDownCounter('process.memory.usage', {
      description: 'Resident memory of the process',
      unit: 'By',
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()))
  meter
    .createObservableGauge('process.uptime', {
      description: 'How long the process has run',
      unit: 's',
    })
    .addCallback((result) => result.observe(process.uptime()))
}

export function watchPools(meter: Meter, facts: () => readonly PoolFacts[]): void {
  const named = (name: string) => ({ 'db.client.connection.pool.name': name })
  meter
    .createObservableUpDownCounter('db.client.connection.count', {
      description: 'Connections to the database, by state',
      unit: '{connection}',
    })
    .addCallback((result) => {
      for (const { name, used, idle } of facts()) {
        result.observe(used, { ...named(name), 'db.client.connection.state': 'used' })
        result.observe(idle, { ...named(name), 'db.client.connection.state': 'idle' })
      }
    })
  meter
    .createObservableUpDownCounter('db.client.connection.max', {
      description: 'Connections that the pool may open',
      unit: '{connection}',
    })
    .addCallback((result) => {
      for (const { name, max } of facts()) result.observe(max, named(name))
    })
  meter
    .createObservableUpDownCounter('db.client.connection.pending_requests', {
      description: 'Calls that wait for a connection',
      unit: '{request}',
    })
    .addCallback((result) => {
      for (const { name, pending } of facts()) result.observe(pending, named(name))
    })
}

export function watchHoldBook(meter: Meter, isAvailable: () => boolean): void {
  meter
    .createObservableGauge('frontrow.hold_book.available', {
      description: '1 while the hold book can be reached, else 0',
    })
    .addCallback((result) => result.observe(isAvailable() ? 1 : 0))
}

export function watchClock(meter: Meter, offsetMs: () => number | null): void {
  meter
    .createObservableGauge('frontrow.clock.offset', {
      description: "How far this server's clock is ahead of the database's; negative: behind",
      unit: 's',
    })
    .addCallback((result) => {
      const offset = offsetMs()
      if (offset !== null) result.observe(offset / 1000)
    })
}

/** Home regions that this server keeps or watches, and whether it may sell for each. */
export function watchAuthority(meter: Meter, facts: () => readonly AuthorityFacts[]): void {
  meter
    .createObservableGauge('frontrow.authority.held', {
      description: '1 while this server may sell for a home region, else 0',
    })
    .addCallback((result) => {
      for (const { home, isHeld } of facts()) result.observe(isHeld ? 1 : 0, { home })
    })
}

export type AuthorityFacts = { readonly home: string; readonly isHeld: boolean }

export type FollowFacts = {
  readonly home: string
  /** null: nothing is copied yet. */
  readonly lagMs: number | null
  readonly behind: number | null
}

/** Of the home regions whose holds this region copies from another one. */
export function watchFollowing(meter: Meter, facts: () => readonly FollowFacts[]): void {
  meter
    .createObservableGauge('frontrow.follow.lag', {
      description: 'How old the copies of the holds of another home region are',
      unit: 's',
    })
    .addCallback((result) => {
      for (const { home, lagMs } of facts()) {
        if (lagMs !== null) result.observe(lagMs / 1000, { home })
      }
    })
  meter
    .createObservableGauge('frontrow.follow.behind', {
      description:
        'Changes of holds that the authority had and this region had not, when last heard',
      unit: '{change}',
    })
    .addCallback((result) => {
      for (const { home, behind } of facts()) {
        if (behind !== null) result.observe(behind, { home })
      }
    })
}

/**
 * Event loop, garbage collector, heap: nodejs.* and v8js.*. Started by hand; it hooks into no
 * module. What it measures of the loop's delay begins anew with each reading.
 */
export function watchRuntime(provider: MeterProvider): Disposable {
  const runtime = new RuntimeNodeInstrumentation({ monitoringPrecision: 20 })
  runtime.setMeterProvider(provider)
  return { [Symbol.dispose]: () => runtime.disable() }
}
