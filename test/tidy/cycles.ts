/**
 * Import cycles, types included: files on a cycle can only be understood together.
 * Tarjan's strongly connected components, with its own stack so that depth has no bound.
 */
import { importsOf } from './imports.ts'
import type { Source, Violation } from './source.ts'

/** Each group of files that import each other, however far around; sorted. */
export function findCycles(sources: readonly Source[]): string[][] {
  const edges = edgesOf(sources)
  const indexes = new Map<string, number>()
  const lows = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const cycles: string[][] = []

  const enter = (path: string) => {
    indexes.set(path, indexes.size)
    lows.set(path, indexes.size - 1)
    open.push(path)
    isOpen.add(path)
    return { path, targets: [...(edges.get(path) ?? [])] }
  }
  const lower = (path: string, to: number) => {
    lows.set(path, Math.min(lows.get(path) ?? to, to))
  }
  const leave = (path: string) => {
    if (lows.get(path) !== indexes.get(path)) return
    const group = open.splice(open.indexOf(path))
    for (const one of group) isOpen.delete(one)
    if (group.length > 1 || edges.get(path)?.has(path)) cycles.push(group.sort())
  }

  for (const { path: start } of sources) {
    if (indexes.has(start)) continue
    const stack = [enter(start)]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const target = top.targets.pop()
      if (target === undefined) {
        stack.pop()
        const parent = stack.at(-1)
        if (parent) lower(parent.path, lows.get(top.path) ?? 0)
        leave(top.path)
      } else if (!indexes.has(target)) stack.push(enter(target))
      else if (isOpen.has(target)) lower(top.path, indexes.get(target) ?? 0)
    }
  }
  return cycles.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''))
}

export function checkCycles(sources: readonly Source[]): Violation[] {
  return findCycles(sources).map((group) => ({
    path: group[0] ?? '',
    line: 1,
    message: `is on an import cycle with ${group.slice(1).join(', ') || 'itself'}`,
  }))
}

function edgesOf(sources: readonly Source[]): Map<string, Set<string>> {
  const known = new Set(sources.map(({ path }) => path))
  const targetsOf = (source: Source) =>
    new Set(
      importsOf(source)
        .map(({ target }) => target)
        .filter((target) => known.has(target)),
    )
  return new Map(sources.map((source) => [source.path, targetsOf(source)]))
}
