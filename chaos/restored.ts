/** How a region gets back the events that another one took over. */
import type { Drill } from './scenario.ts'

/** Planned, as an operator does it: asked again while the region has not copied enough yet. */
export async function restored(drill: Drill, region: string): Promise<void> {
  const holds = async () => {
    const [row] = await drill.ground.sql<{ region: string }>(
      'select server_region as region from authority where region = $1',
      [region],
    )
    return row?.region === region
  }
  await drill.until(
    `${region} gets its events back`,
    async () => (await drill.workload.restore(region)) && (await holds()),
    60_000,
  )
}
