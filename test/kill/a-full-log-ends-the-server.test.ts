/**
 * A disk that is full under the log ended the server with an error that nobody caught, and then
 * held its end up for ever: it must sell on, count what is lost, and end when it is told to.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readSamples, total } from '../../regions/local/watch/metric-samples.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { freshSettings } from '../support/sale-system.ts'
import { skipUnless } from '../support/skip.ts'

const fullDevice = '/dev/full'

it('sells on when its log takes nothing, and ends in order', async (context) => {
  skipUnless(context, existsSync(fullDevice) ? null : `there is no ${fullDevice} here`)
  await using database = await createTestDatabase()
  const settings = { ...(await freshSettings()), LOG_LEVEL: 'info', DATABASE_URL: database.url }
  const full = openSync(fullDevice, 'w')
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    env: { PATH, HOME, ...settings, EXIT_WITH_PARENT: '1' },
    stdio: ['pipe', full, full],
  })
  const exited = once(child, 'exit')
  try {
    const address = (port: 'PORT' | 'METRICS_PORT', path: string) =>
      `http://127.0.0.1:${(settings as Record<string, string>)[port]}/${path}`
    const isReady = () =>
      fetch(address('PORT', 'readyz')).then(
        ({ ok }) => ok,
        () => false,
      )
    await eventually(async () => child.exitCode !== null || (await isReady()), {
      what: 'the server is ready',
      timeoutMs: 60_000,
    })
    expect(child.exitCode).toBeNull()
    const lost = async () => {
      const text = await (await fetch(address('METRICS_PORT', 'metrics'))).text()
      return total(readSamples(text), 'frontrow_log_lost_lines_total')
    }
    expect(await lost()).toBeGreaterThan(0)
    expect(await isReady()).toBe(true)
    child.kill('SIGTERM')
    await eventually(() => child.exitCode !== null, { what: 'the server has ended' })
    expect(await exited).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})
