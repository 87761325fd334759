/** A part that is killed by a drill, over real processes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { KeptService } from './kept-service.ts'
import { startProcess } from './process.ts'
import { waitUntil } from './wait-until.ts'

/** More than a part may end by itself. */
const crashes = 6

it('is started again as often as a drill kills it, and is not given up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-kept-'))
  const start = async () => {
    const logFile = join(folder, 'part.log')
    const part = await startProcess({
      name: 'A part',
      command: process.execPath,
      args: ['-e', 'setInterval(() => {}, 1000)'],
      logFile,
      cwd: folder,
      stop: { signal: 'SIGTERM', withinMs: 5_000 },
      isReady: async () => true,
      readyWithinMs: 5_000,
      onSpawn: () => undefined,
    })
    return { ...part, logFile, [Symbol.asyncDispose]: part.stop }
  }
  const kept = new KeptService(await start(), {
    name: 'A part',
    restart: start,
    log: () => undefined,
  })
  let isGivenUp = false
  void kept.gaveUp.then(() => {
    isGivenUp = true
  })
  try {
    for (let crash = 0; crash < crashes; crash += 1) {
      const { pid } = kept
      await kept.crash()
      const runsAgain = () => kept.pid !== null && kept.pid !== pid
      expect(await waitUntil(runsAgain, 10_000), `it runs after crash ${crash}`).toBe(true)
    }
    expect(isGivenUp).toBe(false)
  } finally {
    await kept.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  await kept.crash()
  expect(kept.pid).toBeNull()
})
