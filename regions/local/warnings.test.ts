import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { waitUntil } from './wait-until.ts'
import { followWarnings } from './warnings.ts'

it('hands on warnings that are written from now on, each once, and not a flood', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-warnings-'))
  const file = join(folder, 'server.log')
  const line = (level: number, msg: string) => `${JSON.stringify({ level, msg })}\n`
  writeFileSync(file, line(50, 'old'))
  const heard: string[] = []
  const unfollow = followWarnings(file, (warning) => heard.push(warning))
  appendFileSync(file, `${line(30, 'all well')}not json\n${line(40, 'Käse')}{"level":50,"msg":"cut`)
  expect(await waitUntil(() => heard.length > 0, 5_000)).toBe(true)
  appendFileSync(file, ' here","err":{"message":"why"}}\n')
  expect(await waitUntil(() => heard.length > 1, 5_000)).toBe(true)
  expect(heard).toEqual(['Käse', 'cut here: why'])
  appendFileSync(file, line(40, 'again').repeat(7))
  expect(await waitUntil(() => heard.at(-1)?.startsWith('… and 2 more') === true, 5_000)).toBe(true)
  expect(heard).toHaveLength(2 + 5 + 1)
  unfollow()
  rmSync(folder, { recursive: true })
})
