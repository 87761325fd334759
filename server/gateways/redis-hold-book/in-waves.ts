/**
 * Sends many commands, some at a time: one round trip a wave and not one a command, and yet no
 * command that waits behind all the others until it is given up.
 */
import { holdBookLimits } from '../../domain/hold-book-limits.ts'

export async function inWaves(commands: Iterable<() => Promise<unknown>>): Promise<void> {
  let wave: Promise<unknown>[] = []
  for (const send of commands) {
    wave.push(send())
    if (wave.length < holdBookLimits.commandsPerWave) continue
    await Promise.all(wave)
    wave = []
  }
  await Promise.all(wave)
}
