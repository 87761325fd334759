/** Starts what the system tests share, once a run, and takes it away, also when the run is cut. */
import type { TestProject } from 'vitest/node'
import { type RunningTestServices, startTestServices, type TestServices } from './services.ts'

declare module 'vitest' {
  interface ProvidedContext {
    services: TestServices
  }
}

let running: RunningTestServices | undefined

export async function setup(project: TestProject): Promise<void> {
  running = await startTestServices()
  process.once('exit', running.abandon)
  project.provide('services', running.services)
  // Programs that tests start have no other way to hear of it.
  process.env['TEST_POSTGRES_URL'] ??= running.services.databaseUrl
}

export async function teardown(): Promise<void> {
  if (running === undefined) return
  process.off('exit', running.abandon)
  await running[Symbol.asyncDispose]()
}
