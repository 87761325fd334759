/**
 * The lock file must name the optional packages of every platform, or `npm ci` refuses it. npm
 * leaves out those that the registry in use does not carry: a mirror for one platform is enough to
 * write a lock file that works nowhere. What is added here has no checksum; npm on a full registry
 * adds that with the next install.
 */
import type { Violation } from './source.ts'

export type LockEntry = {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
export type Lock = { readonly packages: Readonly<Record<string, LockEntry>> }

type Missing = { readonly name: string; readonly entry: LockEntry }

export function checkLock(lock: Lock): Violation[] {
  return missingFrom(lock).map(({ name }) => ({
    path: 'package-lock.json',
    line: 1,
    message: `lacks ${name}, so that npm ci refuses it; mend it with npm run lock:complete`,
  }))
}

/** The same lock file with an entry for each optional package that it lacked, sorted as npm does. */
export function completeLock<L extends Lock>(lock: L): L {
  const added = missingFrom(lock).map(({ name, entry }) => [`node_modules/${name}`, entry] as const)
  const all = [...Object.entries(lock.packages), ...added]
  const packages = Object.fromEntries(all.toSorted(([a], [b]) => a.localeCompare(b, 'en')))
  return { ...lock, packages }
}

function missingFrom({ packages }: Lock): Missing[] {
  const missing = new Map<string, Missing>()
  for (const [path, owner] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
      const known = `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages
      // A range names no version that an entry could hold: that one npm must find itself.
      if (known || !/^\d+\.\d+\.\d+/.test(version)) continue
      const entry = { version, ...platformOf(name), ...(owner.dev ? { dev: true } : {}) }
      missing.set(name, { name, entry: { ...entry, optional: true } })
    }
  }
  return [...missing.values()]
}

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
]

/** From the name, where all such packages write it: `…-linux-arm64-musl`. */
function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/)
  const os = words.filter((word) => systems.includes(word))
  const cpu = words.filter((word) => processors.includes(word))
  const libc = words.filter((word) => /^(musl|gnu)/.test(word))
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os.includes('linux') && libc.length > 0
      ? { libc: [libc[0]?.startsWith('musl') ? 'musl' : 'glibc'] }
      : {}),
    ...(os.length > 0 ? { os } : {}),
  }
}
