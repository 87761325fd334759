/**
 * Preloaded into the server that bench/tracing.ts measures: lets its doors be as if compiled out,
 * off, or traced at a ratio, while it runs. One warm process is compared with itself, so that two
 * processes' heaps and machine code make no difference.
 */
import { register } from 'node:module'
import type { Clock } from '../server/platform/clock.ts'

/** What the parent sends; it is answered by the CPU so far. */
export type Wish = {
  /** A number: traced at this ratio. */
  readonly mode: 'compiled out' | 'off' | number
  readonly collector: string
}

/** Microseconds of CPU so far. */
export type Answer = {
  /** When all of the last mode was exported. */
  readonly ended: number
  /** When the new mode had begun: to make a tracer is no part of either. */
  readonly begun: number
}

type Switch = { isOut: boolean }
const wanted = globalThis as { doors?: Switch }
const doors: Switch = { isOut: false }
wanted.doors = doors

const real = (name: string) => new URL(`../server/platform/${name}`, import.meta.url).href

/** Stands for server/platform/tracing.ts: asks the switch, then the real one. */
const switched = moduleOf(`
import * as real from ${JSON.stringify(real('tracing.ts'))}
const doors = globalThis.doors
const noSpan = { set: () => undefined, failed: () => undefined }
const noScope = { span: noSpan, enter: (fn) => fn(), end: () => undefined }
export const traced = (facts, attributes, fn) =>
  doors.isOut ? fn(noSpan) : real.traced(facts, attributes, fn)
export const untraced = (fn) => (doors.isOut ? fn() : real.untraced(fn))
export const openRequest = (request) => (doors.isOut ? noScope : real.openRequest(request))
export const { useTracer, isTracerUsed } = real`)

register(
  moduleOf(`
export const resolve = (name, context, next) =>
  name.endsWith('/tracing.ts') && !context.parentURL?.startsWith('data:')
    ? { url: ${JSON.stringify(switched)}, format: 'module', shortCircuit: true }
    : next(name, context)`),
)

function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`
}

let tracing: AsyncDisposable | null = null

async function become({ mode, collector }: Wish): Promise<Answer> {
  // What is left of the last mode is exported on its account, not on that of the next.
  await tracing?.[Symbol.asyncDispose]()
  tracing = null
  const ended = cpu()
  doors.isOut = mode === 'compiled out'
  if (typeof mode !== 'number') {
    const { contexts } = (await import(real('trace-context.ts'))) as {
      contexts: { disable: () => unknown }
    }
    // Once a span was open the platform follows every promise; in a server without none ever is.
    contexts.disable()
  }
  if (typeof mode === 'number') tracing = await traceAt(mode, collector)
  return { ended, begun: cpu() }
}

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function traceAt(ratio: number, collector: string): Promise<AsyncDisposable> {
  const { startTracing } = await import('../server/platform/start-tracing.ts')
  const { systemClock } = (await import('../server/platform/clock.ts')) as { systemClock: Clock }
  return startTracing({
    url: `${collector}/v1/traces`,
    headers: {},
    sampler: 'parentbased_traceidratio',
    ratio,
    resource: { 'service.name': 'bench' },
    clock: systemClock,
    onLost: (cause) => process.stderr.write(`spans are lost: ${cause?.message}\n`),
  })
}

process.on('message', (wish: Wish) => {
  void become(wish).then((answer) => process.send?.(answer))
})
