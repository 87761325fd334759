/** Every package has a licence that somebody has allowed, and docs/licences.md lists them all. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { installedPackage, readLock } from './installed-packages.ts'
import { licencePage, licencePagePath } from './licence-page.ts'
import {
  checkInstalled,
  checkLicences,
  isAllowed,
  type LicenceLockEntry,
  licencesOf,
} from './licences.ts'
import { projectRoot, report } from './source.ts'

const lock = readLock()
const packages = licencesOf(lock, installedPackage)

describe('the licences of this project', () => {
  it('are all allowed', () => {
    expect(report(checkLicences(packages))).toBe('')
  })

  it('are what the installed packages say of themselves', () => {
    expect(report(checkInstalled(lock, installedPackage))).toBe('')
  })

  it('stand in docs/licences.md as `npm run docs:licences` writes them', async () => {
    expect(await readFile(join(projectRoot, licencePagePath), 'utf8')).toBe(licencePage(packages))
  })

  it('forget no package of the lock file', () => {
    const counted = packages.reduce((sum, { variants }) => sum + variants + 1, 0)
    const distinct = new Set(
      Object.entries(lock.packages).map(
        ([path, { version }]) => `${path.split('node_modules/').at(-1)} ${version}`,
      ),
    )
    // The project itself is in the lock file too.
    expect(counted).toBeGreaterThanOrEqual(distinct.size - 1)
  })
})

const none = () => null
const found = (
  entries: Readonly<Record<string, LicenceLockEntry>>,
  manifests: Readonly<Record<string, unknown>> = {},
) => licencesOf({ packages: entries }, (path) => manifests[path] ?? null)

describe('the check of licences', () => {
  it('names a package with a licence that nobody allowed, and one without any', () => {
    const packages = found({
      '': { dependencies: { good: '1', viral: '1' }, devDependencies: { bare: '1' } },
      'node_modules/good': { version: '1.0.0', license: 'MIT' },
      'node_modules/viral': { version: '1.0.0', license: 'GPL-3.0-only' },
      'node_modules/bare': { version: '2.0.0' },
    })
    expect(checkLicences(packages).map(({ message }) => message.split(':')[0])).toEqual([
      'has bare 2.0.0 with no licence, used to build and test',
      'has viral 1.0.0 with the licence GPL-3.0-only, used in production',
    ])
  })

  it('lets MPL-2.0 in for tools and not for what runs', () => {
    const entry = { version: '1.0.0', license: 'MPL-2.0' }
    const tool = found({
      '': { devDependencies: { a: '1' } },
      'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { css: '1' } },
      'node_modules/css': entry,
    })
    expect(checkLicences(tool)).toEqual([])
    const used = found({ '': { dependencies: { css: '1' } }, 'node_modules/css': entry })
    expect(checkLicences(used)).toHaveLength(1)
  })

  it.each([
    ['MIT', true],
    ['MIT OR GPL-3.0-only', true],
    ['(GPL-2.0-only OR MIT)', true],
    ['MIT AND GPL-3.0-only', false],
    ['MIT AND ISC', true],
    ['GPL-3.0-only', false],
    ['SEE LICENSE IN LICENSE', false],
    ['UNLICENSED', false],
    ['((MIT))', false],
    ['', false],
  ])('%s: %s', (expression, allowed) => {
    expect(isAllowed(expression, (one) => one === 'MIT' || one === 'ISC')).toBe(allowed)
  })

  it('counts binaries of other platforms as the package that they belong to', () => {
    const entries = {
      '': { devDependencies: { tool: '1' } },
      'node_modules/tool': {
        version: '1.0.0',
        license: 'MIT',
        optionalDependencies: { '@tool/linux': '1.0.0', '@tool/darwin': '1.0.0' },
      },
      'node_modules/@tool/linux': { version: '1.0.0', license: 'MIT', os: ['linux'] },
      'node_modules/@tool/darwin': { version: '1.0.0', os: ['darwin'] },
    }
    expect(found(entries)).toEqual([
      { name: 'tool', version: '1.0.0', licence: 'MIT', production: false, variants: 2 },
    ])
  })

  it('shows a binary whose licence is another than that of its package', () => {
    const packages = found({
      '': { devDependencies: { tool: '1' } },
      'node_modules/tool': {
        version: '1.0.0',
        license: 'MIT',
        optionalDependencies: { '@tool/linux': '1.0.0' },
      },
      'node_modules/@tool/linux': { version: '1.0.0', license: 'GPL-2.0-only', os: ['linux'] },
    })
    expect(checkLicences(packages)).toHaveLength(1)
  })

  it('reads what old packages say, where the lock file says nothing', () => {
    const entries = {
      '': { dependencies: { old: '1' } },
      'node_modules/old': { version: '1.0.0' },
    }
    const manifest = { licenses: [{ type: 'MIT', url: 'x' }, { type: 'GPL-2.0-only' }] }
    const [old] = found(entries, { 'node_modules/old': manifest })
    expect(old?.licence).toBe('MIT OR GPL-2.0-only')
    expect(found(entries)[0]?.licence).toBe('')
  })

  it('sees a package that says otherwise than the lock file', () => {
    const entries = { 'node_modules/a': { version: '1.0.0', license: 'MIT' } }
    expect(checkInstalled({ packages: entries }, none)).toEqual([])
    expect(checkInstalled({ packages: entries }, () => ({ license: 'MIT' }))).toEqual([])
    const moved = checkInstalled({ packages: entries }, () => ({ license: 'BUSL-1.1' }))
    expect(moved[0]?.message).toBe('says MIT of a, which says BUSL-1.1 of itself')
  })

  it('takes for production what dependencies need, at the version that they find', () => {
    const packages = found({
      '': { dependencies: { app: '1' }, devDependencies: { test: '1' } },
      'node_modules/app': {
        version: '1.0.0',
        license: 'MIT',
        dependencies: { shared: '2' },
        peerDependencies: { needed: '1', test: '1' },
        peerDependenciesMeta: { test: { optional: true } },
      },
      'node_modules/app/node_modules/shared': { version: '2.0.0', license: 'MIT' },
      'node_modules/needed': { version: '1.0.0', license: 'MIT' },
      'node_modules/shared': { version: '1.0.0', license: 'MIT' },
      'node_modules/test': { version: '1.0.0', license: 'MIT', dependencies: { shared: '1' } },
    })
    const used = packages.filter(({ production }) => production)
    expect(used.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'app 1.0.0',
      'needed 1.0.0',
      'shared 2.0.0',
    ])
  })
})
