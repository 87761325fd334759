/** How far a run is, for whoever waits: a bar on a terminal, now and then a line elsewhere. */
import { SingleBar } from 'cli-progress'
import pico from 'picocolors'

/** Between two lines where there is no terminal. */
const lineEveryMs = 5_000

export type Stage = {
  readonly advance: (extra?: string) => void
  readonly end: () => void
}

/** Writes to standard error, so that standard output has the report and nothing else. */
export type Progress = {
  readonly stage: (name: string, total: number) => Stage
  /** One line beside the bars. */
  readonly note: (line: string) => void
}

export function openProgress(stream: NodeJS.WriteStream): Progress {
  const note = (line: string) => void stream.write(`${pico.dim('·')} ${line}\n`)
  return { note, stage: stream.isTTY ? bar(stream) : lines(note) }
}

function bar(stream: NodeJS.WriteStream): Progress['stage'] {
  return (name, total) => {
    const format = `${pico.dim('·')} ${name.padEnd(18)} ${pico.cyan('{bar}')} {value}/{total} {extra}`
    const shape = { barsize: 30, barCompleteChar: '█', barIncompleteChar: '░' }
    const single = new SingleBar({
      format,
      stream,
      hideCursor: true,
      clearOnComplete: false,
      ...shape,
    })
    single.start(total, 0, { extra: '' })
    const advance = (extra?: string) => single.increment(1, extra === undefined ? {} : { extra })
    return { advance, end: () => single.stop() }
  }
}

function lines(note: (line: string) => void): Progress['stage'] {
  return (name, total) => {
    let [done, last] = [0, '']
    const say = () => note(`${name}: ${done} of ${total}${last === '' ? '' : `, ${last}`}`)
    const timer = setInterval(say, lineEveryMs)
    const advance = (extra?: string) => {
      done += 1
      last = extra ?? last
    }
    const end = () => {
      clearInterval(timer)
      say()
    }
    return { advance, end }
  }
}
