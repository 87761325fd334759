/**
 * The licence of every package that package-lock.json names, for the machine that installed it and
 * for all others: what stands in the lock file; else, for a binary of another platform, that of
 * the package it belongs to; else what the installed package says. A licence that nobody has
 * allowed, or none, is a fault.
 */
import type { Violation } from './source.ts'

export type LicenceLockEntry = {
  readonly version?: string
  readonly license?: string
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}
export type LicenceLock = { readonly packages: Readonly<Record<string, LicenceLockEntry>> }

/** What an installed package says of itself; null: it is not installed here. */
export type Installed = (path: string) => unknown

export type Licensed = {
  readonly name: string
  readonly version: string
  /** An SPDX expression; empty: none was found. */
  readonly licence: string
  /** Reached from `dependencies`; all others only build and test. */
  readonly production: boolean
  /** How many packages of the same licence are this one for other platforms. */
  readonly variants: number
}

/** Licences that ask for no more than their text and the name of the author to be kept. */
const permissive: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  // The licence of Python 2, for a port of Python's argparse.
  'Python-2.0',
])

/**
 * Copyleft a file at a time: changes to their own files must be published, nothing else. For tools
 * that are used as they are and given to nobody.
 */
const toolsOnly: ReadonlySet<string> = new Set(['MPL-2.0'])

export function checkLicences(packages: readonly Licensed[]): Violation[] {
  return packages.flatMap(({ name, version, licence, production }) => {
    const allowed = (one: string) => permissive.has(one) || (!production && toolsOnly.has(one))
    if (isAllowed(licence, allowed)) return []
    const found = licence === '' ? 'no licence' : `the licence ${licence}`
    const where = production ? 'used in production' : 'used to build and test'
    const message = `has ${name} ${version} with ${found}, ${where}: replace it, or allow it in test/tidy/licences.ts with the reason`
    return [{ path: 'package-lock.json', line: 1, message }]
  })
}

/** Of alternatives one must do, of several at once all; anything else is not understood. */
export function isAllowed(expression: string, allowed: (licence: string) => boolean): boolean {
  const inner = expression.replace(/^\(([^()]*)\)$/, '$1')
  return inner.split(' OR ').some((choice) => choice.split(' AND ').every(allowed))
}

/** Each package once per version, sorted by name. */
export function licencesOf({ packages }: LicenceLock, installed: Installed): Licensed[] {
  const needed = reachable(packages)
  const owners = ownersOf(packages)
  const found = new Map<string, Licensed>()
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '') continue
    const owner = isVariant(entry) ? owners.get(nameOf(path)) : undefined
    const licence = entry.license ?? packages[owner ?? '']?.license ?? saidLicence(installed(path))
    const main = owner !== undefined && licence === packages[owner]?.license ? owner : path
    const { version = '' } = packages[main] ?? entry
    const id = `${nameOf(main)} ${version}`
    const known = found.get(id)
    const variants = (known?.variants ?? 0) + (main === path ? 0 : 1)
    const production = (known?.production ?? false) || needed.has(path)
    found.set(id, { name: nameOf(main), version, licence, production, variants })
  }
  return [...found.values()].toSorted(
    (a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'),
  )
}

/** Where the installed package says another licence than the lock file. */
export function checkInstalled({ packages }: LicenceLock, installed: Installed): Violation[] {
  return Object.entries(packages).flatMap(([path, { license }]) => {
    const said = saidLicence(path === '' ? null : installed(path))
    if (license === undefined || said === '' || said === license) return []
    const message = `says ${license} of ${nameOf(path)}, which says ${said} of itself`
    return [{ path: 'package-lock.json', line: 1, message }]
  })
}

/** `license`, or the list that old packages have, any of which may be chosen. */
function saidLicence(manifest: unknown): string {
  const { license, licenses } = (manifest ?? {}) as { license?: unknown; licenses?: unknown }
  const said = Array.isArray(licenses) ? licenses : [license ?? '']
  return said.map((one) => (typeof one === 'string' ? one : typeOf(one))).join(' OR ')
}

function typeOf(said: unknown): string {
  const type = (said as { type?: unknown } | null)?.type
  return typeof type === 'string' ? type : ''
}

function isVariant({ os, cpu }: LicenceLockEntry): boolean {
  return os !== undefined || cpu !== undefined
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

type Packages = LicenceLock['packages']

/** From the name of an optional package to the path of the one that asks for it. */
function ownersOf(packages: Packages): Map<string, string> {
  return new Map(
    Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      path === '' ? [] : Object.keys(optionalDependencies).map((name) => [name, path] as const),
    ),
  )
}

/**
 * Paths that `dependencies` lead to. Not npm's own mark: that also counts packages which a
 * library could work with if they were there, and so tools of ours.
 */
function reachable(packages: Packages): Set<string> {
  const reached = new Set<string>()
  const waiting = ['']
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const name of neededBy(packages[path] ?? {})) {
      const found = resolve(packages, path, name)
      if (found === null || reached.has(found)) continue
      reached.add(found)
      waiting.push(found)
    }
  }
  return reached
}

function neededBy(entry: LicenceLockEntry): string[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = entry
  const meta = entry.peerDependenciesMeta ?? {}
  const peers = Object.keys(peerDependencies).filter((name) => meta[name]?.optional !== true)
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers]
}

/** As Node looks for it: beside the package that asks, then further up. */
function resolve(packages: Packages, from: string, name: string): string | null {
  for (let folder = from; ; folder = parentOf(folder)) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (path in packages) return path
    if (folder === '') return null
  }
}

/** The package in whose folder this one is; empty: the project itself. */
function parentOf(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))
}
