/** The lock file and the manifests of what is installed beside it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Installed, LicenceLock } from './licences.ts'
import { projectRoot } from './source.ts'

export function readLock(root = projectRoot): LicenceLock {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LicenceLock
}

export const installedPackage: Installed = (path) => {
  const file = join(projectRoot, path, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : null
}
