import { expect, it } from 'vitest'
import {
  checkCommand,
  checkMentions,
  checkPrograms,
  judgingCommand,
  programsOf,
} from './commands.ts'

const scripts = { start: 'tsx a/start.ts', test: 'NODE_ENV=test tsx b.ts --x', lint: 'oxlint' }

it('knows the programs that scripts start, and misses those that are gone', () => {
  expect([...programsOf(scripts)]).toEqual(['a/start.ts', 'b.ts'])
  expect(checkPrograms(scripts, (path) => path === 'b.ts').map(({ message }) => message)).toEqual([
    'starts a/start.ts, which is missing',
  ])
})

it('finds mentions of scripts that do not exist', () => {
  const text = 'First `npm run lint`,\nthen `npm run lnit`.'
  expect(checkMentions('README.md', text, scripts)).toEqual([
    { path: 'README.md', line: 2, message: expect.stringContaining('npm run lnit') as string },
  ])
})

it('asks for a command word for word on its own line', () => {
  const fault = (text: string | null) => checkCommand('README.md', text, judgingCommand).length
  expect(fault(`# Frontrow\n\n    ${judgingCommand}\n`)).toBe(0)
  expect(fault(`\`${judgingCommand}\`\n`)).toBe(0)
  expect(fault(`${judgingCommand} || true\n`)).toBe(1)
  expect(fault('npm ci && npm test\n')).toBe(1)
  expect(fault(null)).toBe(1)
})
