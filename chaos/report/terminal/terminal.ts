/**
 * What is seen while a drill runs: on a terminal a view that is drawn anew twice a second, elsewhere
 * plain lines. It only shows; nothing of the report depends on it.
 */
import pico from 'picocolors'
import type { Paint } from '../../../regions/local/watch/board.ts'
import { StandingLines } from '../../../regions/local/watch/standing-lines.ts'
import type { FaultRecord } from '../../evidence/evidence.ts'
import type { Entry } from '../../history/entry.ts'
import type { Report } from '../report.ts'
import { endLines } from './end-lines.ts'
import { LiveFigures } from './live-figures.ts'
import { columnsMin, liveLines, type Moment, type Plan, plain } from './live-lines.ts'
import { momentLine, recordLine, startLine } from './plain-lines.ts'

export type { Plan } from './live-lines.ts'

const drawEveryMs = 500
const lineEveryMs = 10_000
const notesMax = 20

export type TerminalOptions = {
  readonly out: { readonly write: (text: string) => unknown; readonly columns?: number }
  readonly isTty: boolean
  readonly plan: Plan
  /** As the entries' times; the drill's own clock unless told. */
  readonly now?: () => number
}

export type Terminal = Disposable & {
  readonly entry: (entry: Entry) => void
  readonly fault: (record: FaultRecord) => void
  readonly note: (text: string) => void
  /** Shows what stands now; it comes by itself as time passes. */
  readonly show: () => void
  /** The last word: the verdict, and the files where it lies. */
  readonly end: (report: Report, files: readonly string[]) => void
}

export function startTerminal(options: TerminalOptions): Terminal {
  return new DrillTerminal(options)
}

class DrillTerminal implements Terminal {
  readonly #options: TerminalOptions
  readonly #figures: LiveFigures
  readonly #standing: StandingLines
  readonly #paint: Paint
  readonly #timer: NodeJS.Timeout
  #notes: readonly string[] = []

  constructor(options: TerminalOptions) {
    const { out, isTty, plan } = options
    this.#options = options
    this.#figures = new LiveFigures(plan.regions)
    const columns = () => out.columns ?? columnsMin
    const write = (text: string) => void out.write(text)
    this.#standing = new StandingLines({ write, isTerminal: isTty, columns })
    // picocolors knows NO_COLOR, FORCE_COLOR and terminals without colours.
    this.#paint = pico.createColors(isTty && pico.isColorSupported)
    this.#timer = setInterval(this.show, isTty ? drawEveryMs : lineEveryMs)
    // The view must not keep a drill alive that has come to its end.
    this.#timer.unref()
    if (!isTty) this.#write([startLine(plan)])
  }

  readonly entry = (entry: Entry): void => this.#figures.entry(entry)

  readonly fault = (record: FaultRecord): void => {
    this.#figures.fault(record)
    const { plan, isTty } = this.#options
    const line = recordLine(record, plan)
    if (!isTty) this.#write([line])
    else this.#remember(line)
  }

  readonly note = (text: string): void => {
    const { plan, isTty } = this.#options
    const record = {
      at: this.#now(),
      what: 'note',
      id: 0,
      kind: '',
      where: '',
      said: text,
    } as const
    const line = recordLine(record, plan)
    if (!isTty) this.#write([line])
    else this.#remember(line)
  }

  readonly show = (): void => {
    const { plan, isTty } = this.#options
    const at = this.#now()
    const moment: Moment = {
      at,
      plan,
      regions: this.#figures.now(at),
      faults: this.#figures.standing(),
      notes: this.#notes,
      sold: this.#figures.sold,
    }
    if (isTty) this.#standing.draw(liveLines(moment, this.#paint))
    else this.#write([momentLine(moment)])
  }

  readonly end = (report: Report, files: readonly string[]): void => {
    this[Symbol.dispose]()
    this.#standing.say(`${endLines(report, files, this.#paint).join('\n')}\n`)
  };

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #now(): number {
    return this.#options.now?.() ?? performance.timeOrigin + performance.now()
  }

  #remember(line: string): void {
    this.#notes = [...this.#notes, line].slice(-notesMax)
  }

  #write(lines: readonly string[]): void {
    for (const line of lines) this.#options.out.write(`${plain(line)}\n`)
  }
}
