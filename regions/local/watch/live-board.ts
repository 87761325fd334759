/**
 * Reads a server's metrics every second and keeps the board below whatever else is written. On
 * what is no terminal it writes a line now and then instead.
 */
import { boardLine, boardLines, type Paint } from './board.ts'
import { figuresOf, type Reading } from './figures.ts'
import { readSamples } from './metric-samples.ts'

const periodMs = 1_000
const plainPeriodMs = 5_000
/** Rates are of this long, so that they can be read. */
const windowMs = 5_000
const historyMax = 40
const answerWithinMs = 900
const escape = String.fromCharCode(27)
const colourOrCharacter = new RegExp(`${escape}\\[[0-9;]*m|.`, 'gu')
const isColour = (piece: string) => piece.startsWith(escape)

export type Screen = {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  /** Of the terminal; longer lines are cut. */
  readonly columns: () => number
}

export type WatchOptions = {
  readonly metricsUrl: string
  readonly screen: Screen
  readonly paint: Paint
}

export class LiveBoard implements Disposable {
  readonly #options: WatchOptions
  readonly #timer: NodeJS.Timeout
  #readings: Reading[] = []
  #history: number[] = []
  /** Lines of the board that stand on the screen. */
  #standing = 0
  #isReading = false

  /** Begins at once. */
  constructor(options: WatchOptions) {
    this.#options = options
    const { isTerminal } = options.screen
    this.#timer = setInterval(() => void this.#look(), isTerminal ? periodMs : plainPeriodMs)
    void this.#look()
  }

  /** Writes above the board. */
  say(text: string): void {
    this.#erase()
    this.#options.screen.write(text)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#standing = 0
  }

  async #look(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      const signal = AbortSignal.timeout(answerWithinMs)
      const answer = await fetch(this.#options.metricsUrl, { signal })
      this.#show({ atMs: performance.now(), samples: readSamples(await answer.text()) })
    } catch {
      this.#draw(['the server does not answer'])
    } finally {
      this.#isReading = false
    }
  }

  #show(reading: Reading): void {
    const { screen, paint } = this.#options
    const within = this.#readings.find(({ atMs }) => reading.atMs - atMs <= windowMs)
    const from = within ?? this.#readings.at(-1) ?? reading
    this.#readings = [...this.#readings.filter(({ atMs }) => atMs >= from.atMs), reading]
    const figures = figuresOf(from, reading)
    this.#history = [...this.#history, figures.ticketsPerSecond].slice(-historyMax)
    if (!screen.isTerminal) {
      screen.write(`${boardLine(figures)}\n`)
      return
    }
    this.#draw(boardLines(figures, { history: this.#history, paint }))
  }

  #draw(lines: readonly string[]): void {
    const { screen } = this.#options
    if (!screen.isTerminal) return
    this.#erase()
    const cut = lines.map((line) => fitting(line, screen.columns()))
    screen.write(`${cut.join('\n')}\n`)
    this.#standing = lines.length
  }

  /** Takes the board off the screen: up to its first line, and everything below away. */
  #erase(): void {
    if (this.#standing > 0) this.#options.screen.write(`${escape}[${this.#standing}A${escape}[0J`)
    this.#standing = 0
  }
}

/** A line that wraps would be two, and the next board would leave one behind. */
function fitting(line: string, columns: number): string {
  const most = Math.max(columns - 1, 1)
  const pieces = line.match(colourOrCharacter) ?? []
  let left = most
  const kept = pieces.filter((piece) => isColour(piece) || left-- > 0)
  return kept.join('')
}
