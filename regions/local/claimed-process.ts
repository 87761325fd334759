/**
 * A server process together with the claim on its data folder: claimed before the start, released
 * when the process is gone, however it went.
 */
import { claimFolder, type FolderClaim } from './folder-claim.ts'
import { type LocalProcess, type StopPlan, stopProcess } from './process.ts'
import { explainFolderFault } from './start-error.ts'

export type ClaimedProcess = LocalProcess & AsyncDisposable

export type Ownership = {
  /** The service's name, as a person reads it. */
  readonly name: string
  readonly dataFolder: string
  /** How to end what a killed owner left running. */
  readonly stop: StopPlan
  readonly log: ((line: string) => void) | undefined
}

/** `start` gets the claim to record its process in, and adds facts such as the address. */
export async function startClaimed<Facts>(
  ownership: Ownership,
  start: (claim: FolderClaim) => Promise<{ running: LocalProcess; facts: Facts }>,
): Promise<Facts & ClaimedProcess> {
  const { name, dataFolder, stop, log } = ownership
  const claim = await claimFolder(dataFolder, {
    name,
    stopOrphan: async (service) => {
      log?.(`stopping the ${name} that an earlier start left running (${service.pid})`)
      await stopProcess(service, stop)
    },
  })
  try {
    const { running, facts } = await start(claim)
    return { ...facts, ...withClaim(running, claim) }
  } catch (error) {
    claim.release()
    throw explainFolderFault(error, { name, folder: dataFolder })
  }
}

function withClaim(running: LocalProcess, claim: FolderClaim): ClaimedProcess {
  const exited = running.exited.then(() => claim.release())
  const stop = async () => {
    await running.stop()
    await exited
  }
  const kill = async () => {
    await running.kill()
    await exited
  }
  return { pid: running.pid, exited, stop, kill, [Symbol.asyncDispose]: stop }
}
