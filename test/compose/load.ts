/** The Compose file as Docker understands it, and other YAML files as plain values. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildGoProgram, type GoProgram, whyNotBuilt } from '../support/go-program.ts'
import { projectRoot } from '../tidy/source.ts'

const run = promisify(execFile)
const outputBytesMax = 8_000_000

const loader: GoProgram = {
  name: 'compose-check',
  folder: fileURLToPath(new URL('.', import.meta.url)),
  goMin: '1.24',
  modules: "the modules of Compose's own loader",
}

/** Why the Compose file cannot be judged here; null when it can. */
export const whyNoLoader = (): Promise<string | null> => whyNotBuilt(loader)

export type Mount = {
  readonly type: 'bind' | 'volume'
  readonly source: string
  readonly target: string
}
export type Dependency = { readonly condition: string }
export type Service = {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command: readonly string[] | null
  readonly entrypoint: readonly string[] | null
  readonly environment?: Readonly<Record<string, string>>
  readonly networks: Readonly<Record<string, unknown>>
  readonly volumes?: readonly Mount[]
  readonly depends_on?: Readonly<Record<string, Dependency>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly ports?: readonly {
    readonly target: number
    readonly published: string
    readonly host_ip?: string
  }[]
  readonly restart?: string
  readonly profiles?: readonly string[]
  readonly network_mode?: string
}
export type Project = {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, object>>
  readonly networks: Readonly<Record<string, object>>
}

/**
 * @param overlays files that are laid over it, from the project's root
 * @throws Error with what Compose itself would say
 */
export async function loadProject(
  text: string,
  env: string,
  overlays: readonly string[] = [],
): Promise<Project> {
  await using folder = await scratchFolder()
  const envFile = join(folder.path, 'env')
  await writeFile(envFile, env)
  // Beside the real one, since its paths are relative to it.
  const over = overlays.map((overlay) => join(projectRoot, overlay))
  const file = join(projectRoot, `docker-compose.multi-region.${process.pid}.check.yml`)
  await writeFile(file, text)
  try {
    return JSON.parse(await ask(['--env-file', envFile, file, ...over])) as Project
  } finally {
    await rm(file)
  }
}

export async function loadYaml<Content>(path: string): Promise<Content> {
  return JSON.parse(await ask(['--yaml', join(projectRoot, path)])) as Content
}

export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'frontrow-compose-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

async function ask(parameters: readonly string[]): Promise<string> {
  const program = await buildGoProgram(loader)
  const { stdout } = await run(program, parameters, { maxBuffer: outputBytesMax })
  return stdout
}
