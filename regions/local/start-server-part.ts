/** The regional server as a part of a local system: its start and its restarts. */

import { join } from 'node:path'
import { releaseAbandonedMigration } from './abandoned-migration.ts'
import { KeptService } from './kept-service.ts'
import type { ServerPorts } from './local-ports.ts'
import { type NodeProgram, type NodeProgramPlan, startNodeProgram } from './node-program.ts'
import type { StopPlan } from './process.ts'
import { type ServerNeeds, serverSettings } from './server-settings.ts'
import type { Ground } from './start-parts.ts'

/** Longer than the server itself gives the calls in flight. */
const stop: StopPlan = { signal: 'SIGTERM', withinMs: 15_000 }
const defaultRegion = 'us-east1'
const defaultRegions = 'us-east1=use1,europe-west1=euw1,asia-southeast1=ase1'

export type ServerPart = {
  readonly url: string
  readonly metricsUrl: string
  readonly logFile: string
  readonly region: string
}

export type ServerProgram = {
  /** As a person reads it. */
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  /** Below the data folder. */
  readonly folder: string
  readonly signal: AbortSignal
} & Pick<NodeProgramPlan, 'project' | 'preload'>

/** @throws StartError with what the server said. */
export function startServerProgram(
  { data, log }: Pick<Ground, 'data' | 'log'>,
  { folder, ...wish }: ServerProgram,
): Promise<NodeProgram> {
  const program = { ...wish, script: 'server/main.ts', args: [], stop, log }
  return startNodeProgram({ ...program, folder: join(data.path, folder), logName: 'server.log' })
}

/** The only server of a system of one region. @throws StartError with what the server said. */
export async function startServerPart(
  ground: Ground,
  wish: { readonly region: string | undefined; readonly ports: ServerPorts },
  needs: ServerNeeds,
): Promise<ServerPart> {
  const { environment, outside, log, parts } = ground
  const name = 'The server'
  const region = wish.region ?? (environment['REGION'] || defaultRegion)
  const regions = environment['REGIONS'] || defaultRegions
  const env = serverSettings(ground, { region, regions, ports: wish.ports, beside: [] }, needs)
  const start = async (signal: AbortSignal) => {
    if (outside.databaseUrl === null) await releaseAbandonedMigration(needs.databaseUrl)
    return startServerProgram(ground, { name, env, folder: 'server', signal })
  }
  const first = await start(ground.signal)
  parts.add('server', new KeptService(first, { name, restart: start, log }))
  const { listening, metrics } = first.announced
  return { url: String(listening), metricsUrl: String(metrics), logFile: first.logFile, region }
}
