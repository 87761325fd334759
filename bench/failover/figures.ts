import type { Drill } from './drill.ts'
export type Figures = Record<string, unknown>
export async function measureFigures(_: Drill, say: (t: string) => void): Promise<Figures> { say('x'); return {} }
