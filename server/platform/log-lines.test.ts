/** Log lines over real files and pipes: order, a full device, and a reader that is too slow. */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { limits } from './limits.ts'
import { LogLines, type Loss } from './log-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'frontrow-log-lines-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function openLines(fd: number) {
  const lines = new LogLines(fd)
  const heard = { lost: 0, back: [] as Loss[] }
  lines.onLost((count) => {
    heard.lost += count
  })
  lines.onBack((loss) => heard.back.push(loss))
  return { lines, heard }
}

it('writes lines in their order, and at once what waits when the process ends', async () => {
  const file = join(folder, 'log')
  const { lines, heard } = openLines(openSync(file, 'a'))
  const all = Array.from({ length: 500 }, (_, index) => `line ${index}\n`)
  for (const line of all.slice(0, 499)) lines.write(line)
  const read = () => readFileSync(file, 'utf8')
  await eventually(() => read() === all.slice(0, 499).join(''), { what: 'all lines are there' })
  lines.write('under way\n')
  lines.write(all[499] ?? '')
  lines[Symbol.dispose]()
  expect(read()).toContain('line 499\n')
  expect(heard).toEqual({ lost: 0, back: [] })
})

it('loses and counts what a full device does not take, and ends in time', async () => {
  const { lines, heard } = openLines(openSync('/dev/full', 'w'))
  for (let index = 0; index < 7; index += 1) lines.write(`line ${index}\n`)
  await eventually(() => heard.lost === 7, { what: 'seven lines are lost' })
  lines.write('one\n')
  lines.write('two\n')
  lines[Symbol.dispose]()
  await eventually(() => heard.lost === 9, { what: 'the last ones are lost' })
  const late: number[] = []
  lines.onLost((count) => late.push(count))
  expect(late).toEqual([9])
})

it('keeps a bounded number of lines for a slow reader, and says what was lost', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  const { lines, heard } = openLines(fd)
  const line = `${'x'.repeat(99_999)}\n`
  const most = Math.ceil(limits.logWaitingCharactersMax / line.length) + 1
  for (let index = 0; index < most + 5; index += 1) lines.write(line)
  expect(heard.lost).toBeGreaterThan(3)
  const buffer = Buffer.alloc(1024 * 1024)
  let bytes = 0
  const drain = () => {
    try {
      bytes += readSync(fd, buffer)
    } catch {
      // Nothing is there now.
    }
    return heard.back.length > 0
  }
  await eventually(drain, { what: 'the log says what was lost' })
  expect(heard.back).toEqual([{ lines: heard.lost, code: 'SLOW' }])
  const whole = (most + 5 - heard.lost) * line.length
  await eventually(() => drain() && bytes === whole, { what: 'all that was kept has come' })
  closeSync(fd)
})
