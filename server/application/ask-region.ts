/** Asks another region one of the questions about holds, and judges the answer before it is used. */
import type { z } from 'zod'
import { type RegionCall, RegionCallError, type RegionCaller } from '../domain/region-caller.ts'

export async function askRegion<Shape extends z.ZodType>(
  caller: RegionCaller,
  shape: Shape,
  asked: RegionCall,
): Promise<z.output<Shape>> {
  const answer = await caller.call(asked)
  const judged = shape.safeParse(answer)
  if (judged.success) return judged.data
  const { region, procedure } = asked
  throw new RegionCallError(`${region} answered ${procedure} with what does not fit`, {
    cause: judged.error,
  })
}
