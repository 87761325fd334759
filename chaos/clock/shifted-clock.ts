/**
 * Loaded before a server (`--import`): its wall clock can be shifted or frozen while it runs, by a
 * file that this module looks at. The product is not touched. What a step of NTP leaves alone stays
 * as it is: performance.now, process.hrtime and all timers. Of Node's own parts the Date header of
 * answers goes along; moments of files do not. The database and Redis keep the machine's clock.
 */
import { channel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { clockHeader, fileOfModule, rightClock, type Shift } from './clock-file.ts'

const lookEveryMs = 100

const RealDate = Date
const realNow = RealDate.now
const file = fileOfModule(import.meta.url)
let shift: Shift = rightClock
let seen = ''
/** Since the start of this process. */
let wrongAnswers = 0

function now(): number {
  return 'frozenAtMs' in shift ? shift.frozenAtMs : realNow() + shift.byMs
}

function look(): void {
  const text = contentOf(file)
  if (text === seen) return
  seen = text
  shift = text === '' ? rightClock : (JSON.parse(text) as Shift)
}

/** Nothing when there is no file: then the clock is right. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** One prototype and one set of statics, so that `instanceof` holds for what was made before. */
const ShiftedDate = new Proxy(RealDate, {
  construct: (target, given: unknown[], newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as object,
  apply: () => new RealDate(now()).toString(),
})
RealDate.now = now
RealDate.prototype.constructor = ShiftedDate
globalThis.Date = ShiftedDate

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse }

channel('http.server.request.start').subscribe((message) => {
  const { request, response } = message as Exchange
  const isWrong = shift !== rightClock
  if (request.headers[clockHeader] !== undefined) {
    response.setHeader(clockHeader, `${now()} ${wrongAnswers}`)
  } else if (isWrong) wrongAnswers += 1
  if (isWrong) response.setHeader('date', new RealDate(now()).toUTCString())
})

look()
setInterval(look, lookEveryMs).unref()
