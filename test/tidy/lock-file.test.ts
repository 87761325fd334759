import { expect, it } from 'vitest'
import { checkLock, completeLock } from './lock-file.ts'

const lock = {
  name: 'frontrow',
  packages: {
    '': { version: '0.1.0' },
    'node_modules/tool': {
      version: '1.2.3',
      dev: true,
      optionalDependencies: {
        '@tool/linux-x64': '1.2.3',
        '@tool/binding-linux-arm64-musl': '1.2.3',
        '@tool/cli-darwin-arm64': '1.2.3',
        ranged: '^1.0.0',
      },
    },
    'node_modules/@tool/linux-x64': { version: '1.2.3' },
  },
}

it('finds the platforms that a lock file lacks', () => {
  expect(checkLock(lock).map(({ message }) => message.split(',')[0])).toEqual([
    'lacks @tool/binding-linux-arm64-musl',
    'lacks @tool/cli-darwin-arm64',
  ])
})

it('adds them in npm’s order, and then finds none', () => {
  const mended = completeLock(lock)
  expect(checkLock(mended)).toEqual([])
  expect(Object.keys(mended.packages)).toEqual([
    '',
    'node_modules/@tool/binding-linux-arm64-musl',
    'node_modules/@tool/cli-darwin-arm64',
    'node_modules/@tool/linux-x64',
    'node_modules/tool',
  ])
  expect(Object.values(mended.packages)[1]).toEqual({
    version: '1.2.3',
    cpu: ['arm64'],
    libc: ['musl'],
    os: ['linux'],
    dev: true,
    optional: true,
  })
})
