/**
 * Reads the metrics of each server every second and keeps the board below whatever else is written.
 * On what is no terminal it writes a line now and then instead.
 */
import { boardLine, boardLines, type Paint } from './board.ts'
import { type Figures, figuresOf, type Reading } from './figures.ts'
import { readSamples } from './metric-samples.ts'
import { type RegionFigures, regionBoardLine, regionBoardLines } from './region-board.ts'
import { type Screen, StandingLines } from './standing-lines.ts'

const periodMs = 1_000
const plainPeriodMs = 5_000
/** Rates are of this long, so that they can be read. */
const windowMs = 5_000
const historyMax = 40
const answerWithinMs = 900

/** `state` is looked at again each time. */
export type Source = Pick<RegionFigures, 'name' | 'state'> & { readonly metricsUrl: string }

export type WatchOptions = {
  /** One, or one of each region. */
  readonly sources: readonly Source[]
  readonly screen: Screen
  readonly paint: Paint
}

export class LiveBoard implements Disposable {
  readonly #options: WatchOptions
  readonly #timer: NodeJS.Timeout
  readonly #readings = new Map<string, readonly Reading[]>()
  #history: number[] = []
  readonly #standing: StandingLines
  #isReading = false

  /** Begins at once. */
  constructor(options: WatchOptions) {
    this.#options = options
    this.#standing = new StandingLines(options.screen)
    const { isTerminal } = options.screen
    this.#timer = setInterval(() => void this.#look(), isTerminal ? periodMs : plainPeriodMs)
    void this.#look()
  }

  /** Writes above the board. */
  say(text: string): void {
    this.#standing.say(text)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#standing.leave()
  }

  async #look(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      const { sources } = this.#options
      this.#show(await Promise.all(sources.map((source) => this.#read(source))))
    } finally {
      this.#isReading = false
    }
  }

  /** Null figures: it does not answer. */
  async #read({ name, state, metricsUrl }: Source): Promise<RegionFigures> {
    try {
      const signal = AbortSignal.timeout(answerWithinMs)
      const answer = await fetch(metricsUrl, { signal })
      const reading = { atMs: performance.now(), samples: readSamples(await answer.text()) }
      return { name, state, figures: this.#since(name, reading) }
    } catch {
      return { name, state, figures: null }
    }
  }

  #since(name: string, reading: Reading): Figures {
    const earlier = this.#readings.get(name) ?? []
    const within = earlier.find(({ atMs }) => reading.atMs - atMs <= windowMs)
    const from = within ?? earlier.at(-1) ?? reading
    this.#readings.set(name, [...earlier.filter(({ atMs }) => atMs >= from.atMs), reading])
    return figuresOf(from, reading)
  }

  #show(all: readonly RegionFigures[]): void {
    const { screen, paint } = this.#options
    const sold = all.reduce((sum, { figures }) => sum + (figures?.ticketsPerSecond ?? 0), 0)
    this.#history = [...this.#history, sold].slice(-historyMax)
    const history = this.#history
    const [only, ...others] = all
    if (only === undefined) return
    if (others.length > 0) {
      if (screen.isTerminal) this.#standing.draw(regionBoardLines(all, { history, paint }))
      else screen.write(`${regionBoardLine(all)}\n`)
    } else if (only.figures === null) this.#standing.draw(['the server does not answer'])
    else if (screen.isTerminal) this.#standing.draw(boardLines(only.figures, { history, paint }))
    else screen.write(`${boardLine(only.figures)}\n`)
  }
}
