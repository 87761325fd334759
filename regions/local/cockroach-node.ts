/**
 * One node of a local CockroachDB over one folder: store/, cockroach.log, running.json. It counts
 * as started when it listens, since before `init` it answers no statement.
 */
import { connect } from 'node:net'
import { join } from 'node:path'
import { type ClaimedProcess, startClaimed } from './claimed-process.ts'
import { cockroachEnvironment, type NodePlan, nodeArguments } from './cockroach-arguments.ts'
import { isPortFree, PortTakenError } from './free-port.ts'
import { type StopPlan, startProcess } from './process.ts'

/** SIGTERM hands leases over first. Where all nodes go at once nobody takes them: hence the bound. */
export const cockroachStop: StopPlan = { signal: 'SIGTERM', withinMs: 20_000 }
const readyWithinMs = 120_000
const answerWithinMs = 1_000

export type NodeOptions = {
  readonly program: string
  readonly folder: string
  readonly plan: Omit<NodePlan, 'storeFolder'>
  readonly log: ((line: string) => void) | undefined
}

export type CockroachNode = ClaimedProcess & { readonly logFile: string }

/** @throws StartError with one sentence for a person: taken port, folder in use, failed start. */
export async function startCockroachNode(options: NodeOptions): Promise<CockroachNode> {
  const { program, folder: dataFolder, plan, log } = options
  const { port, region } = plan.node
  const name = `CockroachDB in ${region}`
  const logFile = join(dataFolder, 'cockroach.log')
  return await startClaimed({ name, dataFolder, stop: cockroachStop, log }, async (claim) => {
    // Else a stranger who listens there would be taken for the node.
    if (!(await isPortFree(port))) throw new PortTakenError(name, port)
    const running = await startProcess({
      name,
      command: program,
      args: nodeArguments({ ...plan, storeFolder: join(dataFolder, 'store') }),
      logFile,
      cwd: dataFolder,
      env: cockroachEnvironment,
      stop: cockroachStop,
      readyWithinMs,
      onSpawn: claim.recordService,
      isReady: () => isListening(port),
      explainFailure: (text) =>
        text.includes('address already in use') ? new PortTakenError(name, port) : undefined,
    })
    return { running, facts: { logFile } }
  })
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(answerWithinMs, () => settle(false))
    socket.once('error', () => settle(false))
    socket.once('connect', () => settle(true))
  })
}
