/**
 * Waits for a condition by looking at it again and again (level-triggered), never by a fixed sleep.
 * Always bounded.
 */
import { setTimeout as pause } from 'node:timers/promises'

const pollEveryMs = 15

/** @returns false when the condition still did not hold after `withinMs` milliseconds. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  const deadline = performance.now() + withinMs
  for (;;) {
    if (await condition()) return true
    if (performance.now() >= deadline) return false
    await pause(pollEveryMs)
  }
}
