/** Whether containers can be started here, and why not. */
import { getContainerRuntimeClient } from 'testcontainers'

export const cockroachImage = 'cockroachdb/cockroach:v26.2.5'

/** Null when there is an engine; a sentence for the run's end when there is none. */
export async function whyNoContainers(): Promise<string | null> {
  try {
    await getContainerRuntimeClient()
    return null
  } catch {
    return 'no Docker engine answers here'
  }
}
